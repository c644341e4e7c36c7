#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Do crystal forms of one protein rank alike? By fv1 and by fv1_core.

    bench/core_agreement.py PROGRAM FILE-OR-FOLDER... [--identity 95] [--bootstrap 1000]

Prints how many of the first 10, 50 and of all entries have a mode 1 that moves a small part alone
(coll1, of the core coll1_core, below 0.1), and the one-way intraclass correlation of the ranks over
proteins (single linkage of sequences with so many percent of identical residues, of the shorter
one, and the same number of chains) and over the folders that the files lie in, with 95 % intervals
by bootstrap over the groups. Debian: python3-numpy, python3-biopython.
"""

import argparse
import csv
import os
import subprocess
import sys
from collections import Counter, defaultdict

import numpy
from Bio import Align

KMER = 5
LOCAL = 0.1


def rank(program, paths):
    columns = "pdb_id,file,chains,fv1,coll1,fv1_core,coll1_core,sequences"
    command = [program, "rank", "--files", *paths, "--columns", columns, "--format", "tsv",
               "--top", "0", "--quiet"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def identity(aligner, a, b):
    """Identical residues of the best global alignment, of the shorter sequence."""
    alignment = aligner.align(a, b)[0]
    same = sum(a[i] == b[j]
               for (a0, a1), (b0, b1) in zip(*alignment.aligned)
               for i, j in zip(range(a0, a1), range(b0, b1)))
    return same / min(len(a), len(b))


def proteins(entries, percent):
    """The number of the protein of each entry."""
    aligner = Align.PairwiseAligner()
    aligner.mode = "global"
    aligner.open_gap_score, aligner.extend_gap_score = -2, -0.5
    aligner.target_end_gap_score = aligner.query_end_gap_score = 0
    sequences = [entry["sequences"].split(",")[0] for entry in entries]
    kmers = [Counter(s[i:i + KMER] for i in range(len(s) - KMER + 1)) for s in sequences]
    parent = list(range(len(entries)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    # A residue that differs spoils KMER of them at most.
    fewest = max(0.0, 1 - KMER * (1 - percent / 100) - 0.1)
    for i in range(len(entries)):
        for j in range(i):
            if entries[i]["chains"] != entries[j]["chains"] or root(i) == root(j):
                continue
            shared = sum((kmers[i] & kmers[j]).values())
            if shared < fewest * min(sum(kmers[i].values()), sum(kmers[j].values())):
                continue
            if identity(aligner, sequences[i], sequences[j]) >= percent / 100:
                parent[root(i)] = root(j)
    return [root(i) for i in range(len(entries))]


def ranks(values):
    """From 1, the smallest first; ties have their mean."""
    values = numpy.asarray(values)
    order = numpy.argsort(values, kind="stable")
    result = numpy.empty(len(values))
    result[order] = numpy.arange(1, len(values) + 1)
    for value in numpy.unique(values):
        same = values == value
        result[same] = result[same].mean()
    return result


def intraclass(groups):
    """One-way, of groups of any size."""
    sizes = numpy.array([len(group) for group in groups])
    count, total = len(groups), sizes.sum()
    means = numpy.array([group.mean() for group in groups])
    grand = (sizes * means).sum() / total
    between = (sizes * (means - grand) ** 2).sum() / (count - 1)
    within = sum(((group - group.mean()) ** 2).sum() for group in groups) / (total - count)
    size = (total - (sizes ** 2).sum() / total) / (count - 1)
    return (between - within) / (between + (size - 1) * within)


def report(name, labels, of_column, resamples):
    members = defaultdict(list)
    for i, label in enumerate(labels):
        members[label].append(i)
    groups = [places for places in members.values() if len(places) > 1]
    print(f"\n{name}: {len(groups)} groups of two or more, {sum(map(len, groups))} entries")
    random = numpy.random.default_rng(7)
    for column, place in of_column.items():
        parts = [place[group] for group in groups]
        bootstrap = []
        for _ in range(resamples if len(groups) > 9 else 0):
            drawn = [parts[i] for i in random.integers(len(parts), size=len(parts))]
            bootstrap.append(intraclass(drawn))
        interval = "" if not bootstrap else " ({:.2f} to {:.2f})".format(
            *numpy.percentile(bootstrap, [2.5, 97.5]))
        print(f"  {column:9} intraclass correlation of ranks {intraclass(parts):.2f}{interval}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--identity", type=float, default=95)
    parser.add_argument("--bootstrap", type=int, default=1000)
    arguments = parser.parse_args()
    entries = rank(arguments.program, arguments.paths)
    ranked = [entry for entry in entries if entry["fv1_core"]]
    print(f"{len(entries)} entries, {len(entries) - len(ranked)} of them without a core")
    for column, local in (("fv1", "coll1"), ("fv1_core", "coll1_core")):
        rows = sorted(ranked if column == "fv1_core" else entries,
                      key=lambda entry: -float(entry[column]))
        small = [float(entry[local]) < LOCAL for entry in rows]
        print(f"{column:9} {local} below {LOCAL}: {sum(small[:10])} of the first 10, "
              f"{sum(small[:50])} of 50, {sum(small)} of {len(rows)}")
    if not ranked:
        sys.exit("nothing has a core")
    of_column = {column: ranks([float(entry[column]) for entry in ranked])
                 for column in ("fv1", "fv1_core")}
    report(f"proteins, {arguments.identity:g} % identity",
           proteins(ranked, arguments.identity), of_column, arguments.bootstrap)
    report("folders", [os.path.dirname(entry["file"]) for entry in ranked], of_column,
           arguments.bootstrap)


if __name__ == "__main__":
    main()
