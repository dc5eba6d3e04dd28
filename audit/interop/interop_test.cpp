// Another implementation of the formats verifies what the journal wrote.
#include <sys/wait.h>

#include <cstdlib>

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "audit/reader.h"
#include "audit/test_support.h"

namespace menshen::audit {
namespace {

class Interop : public ::testing::Test {
 protected:
  Interop() {
    for (int part = 0; part < 5; ++part) {
      JournalOptions options;
      options.publish = path("heads");
      const auto journal = open_journal(path("var"), options);
      fill(*journal, 7, part * 7);
    }
    write_leaves();
    write_proofs();
  }

  [[nodiscard]] std::filesystem::path path(const char* name) const { return dir_.path() / name; }

  void write_leaves() {
    auto reader = LogReader::open(path("var")).value();
    std::string text;
    for (const StoredRecord& record : reader.read(0, 1000).value()) {
      text += core::to_base64(record.body) + "\n";
      rows_.push_back(record.hashes);
    }
    write_text(path("leaves"), text);
  }

  void write_proofs() {
    const NodeReader node = [this](const Subtree& subtree) -> core::Result<Hash> {
      const std::string& row = rows_.at(((subtree.index + 1) << subtree.level) - 1);
      return parse_hash(row.substr(subtree.level * sizeof(Hash), sizeof(Hash))).value();
    };
    std::string text;
    const std::uint64_t size = rows_.size();
    for (std::uint64_t i = 0; i < size; ++i) {
      text += line("inclusion", i, size, inclusion_proof(i, size, node).value());
      if (i > 0) text += line("consistency", i, size, consistency_proof(i, size, node).value());
    }
    write_text(path("proofs"), text);
  }

  static std::string line(const char* kind, std::uint64_t a, std::uint64_t b,
                          const std::vector<Hash>& proof) {
    std::string out = std::string(kind) + " " + std::to_string(a) + " " + std::to_string(b);
    for (const Hash& hash : proof) out += " " + core::to_hex(core::as_text(hash));
    return out + "\n";
  }

  // The exit status of the other implementation.
  [[nodiscard]] int check() const {
    const std::string quoted = "'" + dir_.path().string() + "/";
    const std::string command = std::string(MENSHEN_SOURCE_DIR "/audit/interop/check ") + quoted +
                                "var/audit.vkey' " + quoted + "heads' " + quoted + "leaves' " +
                                quoted + "proofs' >" + quoted + "said' 2>&1";
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] std::string said() const { return read_text(path("said")); }

 private:
  TemporaryDirectory dir_;
  std::vector<std::string> rows_;
};

TEST_F(Interop, GoVerifiesEveryHeadRecordAndProof) {
  const int status = check();
  if (status == 77) GTEST_SKIP() << said();
  EXPECT_EQ(status, 0) << said();
  EXPECT_EQ(said(), "leaves 70, heads 6, proofs 139: all hold\n");
}

TEST_F(Interop, GoRefusesWhatWasChanged) {
  if (check() == 77) GTEST_SKIP() << said();
  const std::string leaves = read_text(path("leaves"));
  std::string changed = leaves;
  changed[10] = changed[10] == 'A' ? 'B' : 'A';
  write_text(path("leaves"), changed);
  EXPECT_EQ(check(), 1) << said();
  write_text(path("leaves"), leaves);
  std::string proofs = read_text(path("proofs"));
  char& digit = proofs[proofs.size() - 2];
  digit = digit == '0' ? '1' : '0';
  write_text(path("proofs"), proofs);
  EXPECT_EQ(check(), 1) << said();
}

}  // namespace
}  // namespace menshen::audit
