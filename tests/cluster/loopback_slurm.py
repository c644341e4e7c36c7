# SPDX-License-Identifier: MIT
"""A Slurm of two nodes on this machine's loopback, in namespaces of its own: processes, network,
mounts and host name. Whatever ends the test, a signal too, ends all daemons and jobs, and takes
what they wrote: it lies in a memory file system that nobody else sees.

Needs root, since munged and slurmd do, and no systemd. Nothing of the machine's own /etc or /dev is
used, and nothing of its cgroups: jobs are told apart by their processes (proctrack/linuxproc).
"""
import ctypes
import fcntl
import os
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

SKIPPED = 77

# Hidden behind the memory file system in these namespaces. Short, since a socket's path has 107
# characters at most.
WORK = Path("/run")

# Ends the first process of the namespaces, and so all of them, when it ends itself.
UNSHARE = ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
           "--mount-proc"]

# That something happens is waited for. Nothing here takes a tenth of this, also under load.
DEADLINE = 600


def skip(reason):
    print(f"skipped: {reason}", flush=True)
    sys.exit(SKIPPED)


def need(*programs):
    for program, package in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not installed (Debian: {package})")


def need_slurm():
    need(("munged", "munge"), ("slurmctld", "slurmctld"), ("slurmd", "slurmd"),
         ("sbatch", "slurm-client"))


def run(*command, **options):
    """What the command prints; the test's end where it fails."""
    command = [str(word) for word in command]
    print("+", " ".join(command), flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False, **options)
    if result.returncode:
        raise AssertionError(f"{' '.join(command)}: exit code {result.returncode}\n{result.stdout}")
    return result.stdout


def wait_for(what, condition):
    """The first true value of the condition, which is asked for again and again."""
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.05)
    print(f"  {what}", flush=True)
    return value


def propagation():
    # Mounts are made private as a rule. That cannot be done from within a chroot, where / is no
    # mount, and need not where no mount is shared.
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    return ["--propagation", "private" if " shared:" in mounts else "unchanged"]


def in_namespaces(test):
    """Calls the test in namespaces of its own and ends with its exit code."""
    if os.environ.get("MODESWEEP_CLUSTER_TEST") != "inside":
        if os.geteuid():
            skip("only root can start a Slurm")
        need(("unshare", "util-linux"))
        enter = UNSHARE + propagation()
        probe = subprocess.run(enter + ["true"], stderr=subprocess.PIPE, text=True, check=False)
        if probe.returncode:
            skip(f"namespaces cannot be made here: {probe.stderr.strip()}")
        os.environ["MODESWEEP_CLUSTER_TEST"] = "inside"
        sys.stdout.flush()
        os.execvp(enter[0], enter + [sys.executable, *sys.argv])

    # The first process of the namespace inherits those whose parents ended, and has to take note of
    # their ends: Slurm waits for them.
    main = os.fork()
    while main:
        ended, status = os.wait()
        if ended == main:
            sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
    start_namespaces()
    try:
        test()
    except BaseException:
        print_logs()
        raise
    sys.exit(0)


def start_namespaces():
    socket.sethostname("head")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        # struct ifreq with the flags IFF_UP and IFF_RUNNING; the number is SIOCSIFFLAGS.
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
        # With SIOCSIFADDR another address: getaddrinfo does not count 127.0.0.1 (AI_ADDRCONFIG).
        fcntl.ioctl(any_socket, 0x8916, struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0,
                                                    socket.inet_aton("127.0.0.2")))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", bytes(WORK), b"tmpfs", 0, b"mode=0755"):
        raise OSError(ctypes.get_errno(), "mount")
    # Names are looked up in a file alone, and no user's settings count.
    hosts = Path("/etc/hosts")
    if hosts.exists():
        own = WORK / "hosts"
        own.write_text("127.0.0.1 localhost head\n", encoding="ascii")
        if libc.mount(bytes(own), bytes(hosts.resolve()), None, 4096, None):  # MS_BIND
            raise OSError(ctypes.get_errno(), "mount")
    home = WORK / "home"
    home.mkdir()
    for name in list(os.environ):
        if name.startswith(("SLURM", "SBATCH", "SRUN", "XDG", "CUDA", "MODESWEEP_CACHE")):
            del os.environ[name]
    os.environ["HOME"] = str(home)
    os.chdir(WORK)


def print_logs():
    """Of the daemons and of the jobs, for a test that failed."""
    for path in sorted([*WORK.glob("slurm/*.out"), *WORK.glob("sweep/**/*.log")]):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        print(f"--- the last lines of {path.relative_to(WORK)}", *lines[-30:], sep="\n", flush=True)


CONFIGURATION = """\
ClusterName=loopback
SlurmctldHost=head(127.0.0.1)
SlurmctldPort=6817
AuthType=auth/munge
# A job that is put back into the queue waits until what it was started with is no longer valid.
AuthInfo=socket={work}/munge.socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation={work}/state
SlurmdSpoolDir={work}/spool-%n
SlurmctldPidFile={work}/slurmctld.pid
SlurmdPidFile={work}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
KillWait=5
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,bf_interval=1
# Nodes have what is written here, whatever this machine has.
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=n1 NodeHostname=head NodeAddr=127.0.0.1 Port=6818 CPUs={cpus} RealMemory=16000 Gres=gpu:2
NodeName=n2 NodeHostname=head NodeAddr=127.0.0.1 Port=6819 CPUs={cpus} RealMemory=16000 Gres=gpu:2
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """With `cpus` CPUs and two fake GPUs a node."""

    def __init__(self, cpus):
        self.folder = WORK / "slurm"
        self.daemons = []
        (self.folder / "state").mkdir(parents=True)
        devices = self.folder / "dev"
        devices.mkdir()
        for number in (0, 1):
            # A device file of any kind will do: this one is that of /dev/null.
            os.mknod(devices / f"nvidia{number}", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        configuration = self.folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(work=self.folder, cpus=cpus),
                                 encoding="ascii")
        (self.folder / "gres.conf").write_text(
            "AutoDetect=off\n"
            f"NodeName=n[1-2] Name=gpu File={devices}/nvidia[0-1] Flags=nvidia_gpu_env\n",
            encoding="ascii")
        # A slurmd wants to know of cgroups even where it uses none. It is told of some that are not
        # there: it would have systemd make them where they are of the second version.
        (self.folder / "cgroup.conf").write_text(
            f"CgroupPlugin=cgroup/v1\nCgroupMountpoint={self.folder}/cgroup\n", encoding="ascii")
        os.environ["SLURM_CONF"] = str(configuration)
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        munge = [f"--{what}={self.folder}/munge.{what.split('-')[0]}"
                 for what in ("key-file", "socket", "pid-file", "seed-file", "log-file")]
        self.start("munged", "--foreground", "--force", *munge)
        wait_for("munged answers", (self.folder / "munge.socket").exists)
        self.start("slurmctld", "-D", "-c")
        for node in ("n1", "n2"):
            (self.folder / f"spool-{node}").mkdir()
            self.start("slurmd", "-D", "-N", node, name=node)
        wait_for("both nodes are idle", self.is_idle)
        print(run("sinfo", "--version").strip(), flush=True)
        print(run("sinfo", "--Node", "--format=%N %T, %c CPUs, %G"), flush=True)

    def start(self, program, *options, name=None):
        with open(self.folder / f"{name or program}.out", "w", encoding="utf-8") as output:
            self.daemons.append((program, subprocess.Popen(
                [program, *options], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT)))

    def is_idle(self):
        for program, process in self.daemons:
            if process.poll() is not None:
                raise AssertionError(f"{program} ended with {process.returncode}")
        states = subprocess.run(["sinfo", "--noheader", "--Node", "--format=%t"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                check=False).stdout.split()
        return states == ["idle", "idle"]


def jobs(number):
    """What Slurm knows of a job and, of an array, of its tasks: a dictionary each."""
    shown = subprocess.run(["scontrol", "--oneliner", "show", "job", str(number)],
                           stdout=subprocess.PIPE, text=True, check=True).stdout
    return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in shown.splitlines()]


ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "TIMEOUT")


def end_of(number):
    """Waits for a job's end. The states of it, or of the tasks of an array by their numbers."""
    def states():
        now = jobs(number)
        return now if all(job["JobState"] in ENDED for job in now) else None
    ended = wait_for(f"job {number} has ended", states)
    return {job.get("ArrayTaskId", ""): job["JobState"] for job in ended}
