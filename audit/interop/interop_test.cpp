// Another implementation of the formats reads what the journal wrote: a directory of bundles and
// tiles, its checkpoint, the heads that were published, and proofs.
#include <sys/wait.h>

#include <cstdlib>
#include <span>

#include "audit/cosignature.h"
#include "audit/key_rotation.h"
#include "audit/layout.h"
#include "audit/merkle.h"
#include "audit/reader.h"
#include "audit/test_support.h"
#include "audit/tiles.h"

namespace menshen::audit {
namespace {

class Interop : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path(const char* name) const { return dir_.path() / name; }
  [[nodiscard]] std::filesystem::path in_log(const std::string& name) const {
    return path("var") / layout::tiles / name;
  }

  // Opened, filled and closed: a head at each end, and none between.
  void write_log(int exchanges, int parts) {
    JournalOptions options;
    options.checkpoint_interval_ms = 3'600'000;
    options.checkpoint_records = 1'000'000;
    for (int part = 0; part < parts; ++part) {
      const auto journal = open_journal(path("var"), options);
      fill(*journal, exchanges / parts, part * exchanges / parts);
    }
  }

  void write_proofs() {
    auto reader = LogReader::open(path("var")).value();
    std::vector<Hash> leaves;
    for (const StoredRecord& record : reader.read(0, 10'000).value())
      leaves.push_back(leaf_hash(record.body));
    const NodeReader node = [&](const Subtree& subtree) -> core::Result<Hash> {
      return subtree_root(std::span(leaves).subspan(subtree.index << subtree.level,
                                                    std::size_t{1} << subtree.level));
    };
    std::string text;
    const std::uint64_t size = leaves.size();
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
    std::string command = MENSHEN_SOURCE_DIR "/audit/interop/check";
    for (const std::string& vkey : witnesses_) command += " -witness '" + vkey + "'";
    for (const char* name : {keys_, "var/log", "var/heads"})
      command += " '" + path(name).string() + "'";
    if (std::filesystem::exists(path("proofs"))) command += " '" + path("proofs").string() + "'";
    const int status = std::system((command + " >'" + path("said").string() + "' 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  [[nodiscard]] std::string said() const { return read_text(path("said")); }

  // One bit of the byte that is `from_end` bytes before the file's last one, and back.
  void expect_refused(const std::filesystem::path& file, std::size_t from_end) {
    const std::string whole = read_text(file);
    ASSERT_GT(whole.size(), from_end) << file;
    std::string changed = whole;
    changed[changed.size() - 1 - from_end] ^= 1;
    write_text(file, changed);
    EXPECT_EQ(check(), 1) << file << ": " << said();
    write_text(file, whole);
  }

  std::vector<std::string> witnesses_;  // verifier keys
  const char* keys_ = "var/audit.vkey";

 private:
  TemporaryDirectory dir_;
};

TEST_F(Interop, GoVerifiesCosignatures) {
  write_log(3, 1);
  std::string head = read_text(in_log("checkpoint"));
  for (const char* name : {"witness.example/w1", "见证.example/w2"}) {
    const auto witness = WitnessSigner::generate(name).value();
    witnesses_.push_back(witness.verifier().key().vkey());
    head += witness.cosign(parse_note(head)->text, 1'700'000'000);
  }
  write_text(in_log("checkpoint"), head);
  const int status = check();
  if (status == 77) GTEST_SKIP() << said();
  EXPECT_EQ(status, 0) << said();
  expect_refused(in_log("checkpoint"), 20);
  witnesses_.push_back(WitnessSigner::generate("another").value().verifier().key().vkey());
  EXPECT_EQ(check(), 1) << said();
}

TEST_F(Interop, GoVerifiesEveryRecordHeadAndProof) {
  write_log(300, 5);
  write_proofs();
  const int status = check();
  if (status == 77) GTEST_SKIP() << said();
  EXPECT_EQ(status, 0) << said();
  // Of the empty log, after each part, and the checkpoint.
  EXPECT_EQ(said(), "records 600, heads 7, proofs 1199: all hold\n");
}

// Who knows the older key alone, or the newer one, opens the heads of their overlap; both, all.
TEST_F(Interop, GoFollowsALogWhoseKeyIsReplaced) {
  write_log(20, 1);
  const std::string older = read_text(path("var/audit.vkey"));
  const std::string newer = rotate_key(path("var"))->vkey() + "\n";
  write_log(20, 1);
  write_text(path("older"), older);
  write_text(path("both"), older + newer);
  keys_ = "both";
  const int status = check();
  if (status == 77) GTEST_SKIP() << said();
  EXPECT_EQ(status, 0) << said();
  keys_ = "older";
  EXPECT_EQ(check(), 0) << said();
  ASSERT_TRUE(retire_key(path("var")));
  write_log(20, 1);
  EXPECT_EQ(check(), 1) << said();
  keys_ = "both";
  EXPECT_EQ(check(), 0) << said();
  expect_refused(in_log("checkpoint"), 20);
}

TEST_F(Interop, GoReadsTilesOfEveryLevel) {
  write_log(33'000, 1);
  const int status = check();
  if (status == 77) GTEST_SKIP() << said();
  EXPECT_EQ(status, 0) << said();
  EXPECT_EQ(said(), "records 66000, heads 3, proofs 0: all hold\n");
  expect_refused(in_log(tile_path(1, 0)), 40);
  expect_refused(in_log(tile_path(2, 0, 1)), 0);
}

TEST_F(Interop, GoRefusesWhatWasChanged) {
  write_log(300, 2);
  write_proofs();
  if (check() == 77) GTEST_SKIP() << said();
  expect_refused(in_log(bundle_path(0)), 5'000);
  expect_refused(in_log(bundle_path(2, 88)), 3);
  expect_refused(in_log(tile_path(0, 1)), 700);
  expect_refused(in_log(tile_path(0, 2, 88)), 0);
  expect_refused(in_log(tile_path(1, 0, 2)), 33);
  expect_refused(in_log("checkpoint"), 20);
  expect_refused(path("var/heads"), 20);
  expect_refused(path("proofs"), 1);
}

}  // namespace
}  // namespace menshen::audit
