// SPDX-License-Identifier: MIT
#include "net/fake_file_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "support/gzip.hpp"
#include "support/temp_dir.hpp"

namespace test_support {

std::string small_mmcif(const std::string& id, int residues) {
  std::string text = fmt::format(
      "data_{0}\n# \n_entry.id   {0} \n# \n_struct.title   'Helix of {1} residues' \n# \nloop_\n",
      id, residues);
  for (const char* item : {"group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id",
                           "label_comp_id", "label_asym_id", "label_entity_id", "label_seq_id",
                           "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "occupancy",
                           "B_iso_or_equiv", "auth_seq_id", "auth_asym_id", "pdbx_PDB_model_num"})
    text += fmt::format("_atom_site.{} \n", item);
  for (int i = 1; i <= residues; ++i) {
    const double turn = i * 100.0 / 180.0 * 3.14159265358979;
    text +=
        fmt::format("ATOM {0} C CA . ALA A 1 {0} ? {1:.3f} {2:.3f} {3:.3f} 1.00 20.00 {0} A 1 \n",
                    i, 2.3 * std::cos(turn), 2.3 * std::sin(turn), 1.5 * i);
  }
  return text + "# \n";
}

FakeFileHost::FakeFileHost(const Certificate& certificate)
    : server_(
          [this](const LoggedRequest& request) {
            const int now = ++at_once_;
            int most = most_at_once_;
            while (now > most && !most_at_once_.compare_exchange_weak(most, now)) {
            }
            ServerReply reply = answer(request);
            std::this_thread::sleep_for(std::chrono::milliseconds(thinking_time_));
            --at_once_;
            return reply;
          },
          certificate) {}

void FakeFileHost::add(const std::string& id, std::string_view text) {
  const std::lock_guard lock(mutex_);
  files_[id] = gzip(text);
}

void FakeFileHost::add_file(const std::string& id, const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  const std::lock_guard lock(mutex_);
  files_[id] = bytes.starts_with("\x1f\x8b") ? std::move(bytes) : gzip(bytes);
}

void FakeFileHost::first(const std::string& id, std::vector<ServerReply> replies) {
  const std::lock_guard lock(mutex_);
  first_[id].assign(replies.begin(), replies.end());
}

void FakeFileHost::always(const std::string& id, ServerReply reply) {
  const std::lock_guard lock(mutex_);
  always_[id] = std::move(reply);
}

void FakeFileHost::intercept(
    std::function<std::optional<ServerReply>(const LoggedRequest&)> filter) {
  const std::lock_guard lock(mutex_);
  filter_ = std::move(filter);
}

ServerReply FakeFileHost::file_reply(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return {.body = files_.at(id), .content_type = "application/octet-stream"};
}

ServerReply FakeFileHost::answer(const LoggedRequest& request) {
  const std::string name = request.path.substr(request.path.rfind('/') + 1);
  const std::string id = name.substr(0, name.find('.'));
  const std::lock_guard lock(mutex_);
  if (filter_)
    if (std::optional<ServerReply> reply = filter_(request)) return *reply;
  if (auto& replies = first_[id]; !replies.empty()) {
    ServerReply reply = std::move(replies.front());
    replies.pop_front();
    return reply;
  }
  if (const auto reply = always_.find(id); reply != always_.end()) return reply->second;
  if (const auto file = files_.find(id); file != files_.end())
    return {.body = file->second, .content_type = "application/octet-stream"};
  return {.status = 404,
          .body =
              "<!DOCTYPE html><html><head><title>RCSB Protein Data Bank Error Page</title>"
              "</head><body>404 Not Found</body></html>\n",
          .content_type = "text/html"};
}

}  // namespace test_support
