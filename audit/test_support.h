// What the tests of this folder share: records, and a journal that can
// be waited for.
//
//   TemporaryDirectory dir;
//   auto journal = open_journal(dir.path());
//   const auto seqs = append_all(*journal, {intent("e1"), outcome("e1")});   // waits for every
//   callback
//
// Tests only.
#pragma once

#include "audit/journal.h"
#include "store/sqlite.h"
#include "store/testing/temporary_directory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <vector>

namespace menshen::audit {

using store::testing::TemporaryDirectory;

inline Record intent(const std::string& exchange) {
  Record record;
  record.type = RecordType::intent;
  record.exchange = exchange;
  record.wall_ns = 1'790'000'000'123'456'789;
  record.subject = "alice";
  record.groups = {"finance"};
  record.model = "qwen3-32b";
  record.upstream = "core";
  record.attempts = 1;
  return record;
}

inline Record outcome(const std::string& exchange) {
  Record record = intent(exchange);
  record.type = RecordType::outcome;
  record.status = 200;
  record.upstream_status = 200;
  record.complete = true;
  return record;
}

inline std::unique_ptr<Journal> open_journal(const std::filesystem::path& directory,
                                             JournalOptions options = {}) {
  options.directory = directory;
  auto journal = Journal::open(options, core::system_clock());
  if (!journal) throw std::runtime_error(core::to_string(journal.error()));
  return std::move(*journal);
}

inline std::vector<core::Result<std::uint64_t>> append_all(Journal& journal,
                                                           const std::vector<Record>& records) {
  std::vector<std::promise<core::Result<std::uint64_t>>> promises(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    journal.append(records[i], [&promises, i](core::Result<std::uint64_t> seq) {
      promises[i].set_value(std::move(seq));
    });
  }
  std::vector<core::Result<std::uint64_t>> out;
  for (auto& promise : promises) out.push_back(promise.get_future().get());
  return out;
}

// `count` exchanges, each with its intent and its outcome.
inline void fill(Journal& journal, int count, int first = 0) {
  std::vector<Record> records;
  for (int i = first; i < first + count; ++i) {
    records.push_back(intent("exchange-" + std::to_string(i)));
    records.push_back(outcome("exchange-" + std::to_string(i)));
  }
  for (const auto& seq : append_all(journal, records)) {
    if (!seq) throw std::runtime_error(core::to_string(seq.error()));
  }
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// What an enemy with a database tool does.
inline void run_sql(const std::filesystem::path& directory, const std::string& sql) {
  const auto db = store::Database::open(
      directory / "audit.db", {.mode = store::OpenMode::read_write, .code = "test_failed"});
  if (!db) throw std::runtime_error(core::to_string(db.error()));
  const auto done = db->execute(sql.c_str());
  if (!done) throw std::runtime_error(core::to_string(done.error()));
}

}  // namespace menshen::audit
