// One test for each enemy: what was done to the log, and what the verifier names.
#include "audit/verify.h"

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "audit/reader.h"
#include "audit/test_support.h"

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

// A log of 20 exchanges = 40 records, signed in four parts of ten and published.
class Tampered : public ::testing::Test {
 protected:
  Tampered() {
    for (int part = 0; part < 4; ++part) {
      const auto journal = open_journal(var(), options());
      fill(*journal, 5, part * 5);
    }
  }
  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] fs::path heads() const { return dir_.path() / "heads"; }
  [[nodiscard]] JournalOptions options() const {
    JournalOptions out;
    out.directory = var();
    out.publish = heads();
    out.checkpoint_interval_ms = 3'600'000;
    return out;
  }
  [[nodiscard]] VerifyReport check() const {
    auto report = verify(var(), {.published = heads()});
    if (!report) throw std::runtime_error(core::to_string(report.error()));
    return *report;
  }
  [[nodiscard]] std::string open_error() const {
    const auto journal = Journal::open(options(), core::system_clock());
    return journal ? "none" : journal.error().code;
  }
  void expect(ProblemKind kind, std::uint64_t first, std::uint64_t last,
              const std::string& exchange = "") const {
    const VerifyReport report = check();
    ASSERT_FALSE(report.problems.empty());
    const Problem& problem = report.problems.front();
    EXPECT_EQ(to_string(problem.kind), to_string(kind)) << to_text(report);
    EXPECT_EQ(problem.first, first) << to_text(report);
    EXPECT_EQ(problem.last, last) << to_text(report);
    if (!exchange.empty()) {
      EXPECT_EQ(problem.exchange, exchange);
    }
  }
  void sql(const std::string& text) const { run_sql(var(), text); }
  [[nodiscard]] std::string leaf_of(std::uint64_t seq) const {
    auto reader = LogReader::open(var()).value();
    return core::to_hex(core::as_text(leaf_hash(reader.read(seq, 1)->front().body)));
  }
  // Writes all hashes anew from the bodies, as an enemy who knows the format does.
  void rebuild_hashes() const {
    auto reader = LogReader::open(var()).value();
    Frontier tree;
    std::string text;
    for (const StoredRecord& record : reader.read(0, 100).value()) {
      std::vector<Hash> stored;
      tree.append(leaf_hash(record.body), stored);
      std::string bytes;
      for (const Hash& hash : stored) bytes += core::as_text(hash);
      text += "UPDATE records SET hashes=x'" + core::to_hex(bytes) +
              "' WHERE seq=" + std::to_string(record.seq) + ";";
    }
    sql(text);
  }

  TemporaryDirectory dir_;
};

constexpr const char* flip =
    "UPDATE records SET body=replace(body, '\"alice\"', '\"malice\"') WHERE seq=";

TEST_F(Tampered, NothingWasDone) {
  const VerifyReport report = check();
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.records, 40U);
  EXPECT_EQ(report.signed_records, 40U);
  EXPECT_EQ(report.heads, 5U + 5U + 1U);
  EXPECT_EQ(open_error(), "none");
}

TEST_F(Tampered, AByteOfARecord) {
  for (const int seq : {0, 1, 7, 18, 39}) {
    const TemporaryDirectory copy;
    fs::copy(var(), copy.path() / "var");
    run_sql(copy.path() / "var", flip + std::to_string(seq));
    const VerifyReport report = verify(copy.path() / "var", {.published = heads()}).value();
    ASSERT_EQ(report.problems_total, 1U) << to_text(report);
    EXPECT_EQ(report.problems[0].kind, ProblemKind::altered);
    EXPECT_EQ(report.problems[0].first, static_cast<std::uint64_t>(seq));
    EXPECT_EQ(report.problems[0].exchange, "exchange-" + std::to_string(seq / 2));
    EXPECT_EQ(report.signed_records, 40U);
  }
}

TEST_F(Tampered, SeveralRecordsAreAllNamed) {
  sql(flip + std::string("3;") + flip + "22");
  const VerifyReport report = check();
  ASSERT_EQ(report.problems_total, 2U) << to_text(report);
  EXPECT_EQ(report.problems[0].first, 3U);
  EXPECT_EQ(report.problems[1].first, 22U);
}

TEST_F(Tampered, ARecordTogetherWithItsStoredHash) {
  sql(flip + std::string("12"));
  sql("UPDATE records SET hashes=x'" + leaf_of(12) + "' WHERE seq=12");
  expect(ProblemKind::altered, 12, 13);
  EXPECT_EQ(check().problems_total, 1U);
}

TEST_F(Tampered, ARecordTogetherWithEveryStoredHash) {
  sql(flip + std::string("12"));
  rebuild_hashes();
  expect(ProblemKind::head_root, 10, 19);  // between the heads over 10 and over 20 records
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, AStoredHashAlone) {
  sql("UPDATE records SET hashes=zeroblob(length(hashes)) WHERE seq=11");
  expect(ProblemKind::stored_hash, 11, 11);
  sql("UPDATE records SET hashes=x'00' WHERE seq=11");
  expect(ProblemKind::stored_hash, 11, 11);
}

TEST_F(Tampered, ARecordDeletedFromTheMiddle) {
  sql("DELETE FROM records WHERE seq=17");
  expect(ProblemKind::missing, 17, 17);
  const VerifyReport report = check();
  EXPECT_EQ(report.signed_records, 40U)
      << to_text(report);  // what is left is still that which was signed
}

TEST_F(Tampered, RecordsDeletedFromTheMiddleAndNumberedAnew) {
  sql("DELETE FROM records WHERE seq IN (16,17);"
      "UPDATE records SET seq=-seq WHERE seq > 17; UPDATE records SET seq=-seq-2 WHERE seq < 0;");
  rebuild_hashes();
  expect(ProblemKind::moved, 16, 16, "exchange-9");
}

TEST_F(Tampered, TheTailDeleted) {
  sql("DELETE FROM records WHERE seq >= 37");
  expect(ProblemKind::cut_off, 37, 39);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, TheTailDeletedWithItsHeads) {
  sql("DELETE FROM records WHERE seq >= 37; DELETE FROM checkpoints WHERE size > 37");
  expect(ProblemKind::cut_off, 37, 39);
  EXPECT_EQ(open_error(), "evidence_tampered");
  fs::remove(var() / "checkpoint");
  expect(ProblemKind::cut_off, 37, 39);  // published elsewhere
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, TwoRecordsSwapped) {
  const std::string swap =
      "CREATE TEMP TABLE t AS SELECT * FROM records WHERE seq IN (8,21);"
      "UPDATE records SET body=(SELECT body FROM t WHERE seq=21) WHERE seq=8;"
      "UPDATE records SET body=(SELECT body FROM t WHERE seq=8) WHERE seq=21;";
  sql(swap);
  expect(ProblemKind::moved, 8, 8, "exchange-10");
  const VerifyReport report = check();
  EXPECT_EQ(report.problems.front().what, "Record 8 and record 21 were swapped.");
  EXPECT_EQ(report.problems.back().what, "Record 21 and record 8 were swapped.");
}

TEST_F(Tampered, ARecordDuplicated) {
  sql("UPDATE records SET body=(SELECT body FROM records WHERE seq=4) WHERE seq=30");
  expect(ProblemKind::duplicated, 30, 30, "exchange-2");
  EXPECT_EQ(check().problems[0].what, "Record 30 is a copy of record 4.");
}

TEST_F(Tampered, ARecordAppendedOnceMore) {
  sql("INSERT INTO records SELECT 40, hashes, body FROM records WHERE seq=4");
  expect(ProblemKind::duplicated, 40, 40, "exchange-2");
}

TEST_F(Tampered, ARecordAppendedByAnother) {
  Record forged = outcome("exchange-99");
  const std::string body = canonical(forged, 40);
  sql("INSERT INTO records VALUES(40, x'" + core::to_hex(core::as_text(leaf_hash(body))) + "', '" +
      body + "')");
  expect(ProblemKind::exchange, 40, 40, "exchange-99");
  EXPECT_EQ(check().signed_records, 40U);
}

TEST_F(Tampered, TheDatabaseTruncated) {
  const auto size = fs::file_size(var() / "audit.db");
  fs::resize_file(var() / "audit.db", size / 2);
  const VerifyReport report = check();
  EXPECT_FALSE(report.ok());
  EXPECT_NE(open_error(), "none");
  fs::resize_file(var() / "audit.db", 0);
  EXPECT_FALSE(check().ok());
}

TEST_F(Tampered, TheDatabaseOverwrittenWithNoise) {
  std::string bytes = read_text(var() / "audit.db");
  for (std::size_t i = bytes.size() / 2; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 31);
  write_text(var() / "audit.db", bytes);
  EXPECT_FALSE(check().ok());
}

TEST_F(Tampered, AHeadReplaced) {
  sql("UPDATE checkpoints SET note=(SELECT note FROM checkpoints WHERE size=10) WHERE size=20");
  expect(ProblemKind::head_signature, 20, 20);
  sql("UPDATE checkpoints SET note=replace(note, 'menshen/audit', 'other/audit') WHERE size=20");
  expect(ProblemKind::head_signature, 20, 20);
}

TEST_F(Tampered, TheHeadOutsideReplacedByAnOlderOneIsNoLoss) {
  const auto published = split_published(read_text(heads()));
  write_text(var() / "checkpoint", published.notes[1]);
  EXPECT_TRUE(check().ok());
}

TEST_F(Tampered, TheHeadOutsideForged) {
  const auto signer = NoteSigner::generate("menshen/audit").value();
  write_text(var() / "checkpoint", sign_checkpoint({"menshen/audit", 40, empty_root()}, signer));
  expect(ProblemKind::head_signature, 0, 0);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, EverythingSignedAgainWithAnotherKey) {
  sql(flip + std::string("12"));
  rebuild_hashes();
  const auto signer = NoteSigner::generate("menshen/audit").value();
  auto reader = LogReader::open(var()).value();
  Frontier tree;
  std::string text = "DELETE FROM checkpoints;";
  for (const StoredRecord& record : reader.read(0, 100).value()) {
    std::vector<Hash> stored;
    tree.append(leaf_hash(record.body), stored);
  }
  const std::string note = sign_checkpoint({"menshen/audit", tree.size(), tree.root()}, signer);
  sql(text + "INSERT INTO checkpoints VALUES(40, '" + note + "')");
  write_text(var() / "checkpoint", note);
  EXPECT_FALSE(check().ok());
  EXPECT_EQ(open_error(), "evidence_tampered");
  // With the key in the directory replaced too, only a key and heads kept elsewhere tell.
  const std::string trusted = read_text(var() / "audit.vkey");
  write_text(dir_.path() / "trusted.vkey", trusted);
  write_text(var() / "audit.vkey", signer.verifier().vkey() + "\n");
  EXPECT_TRUE(verify(var())->ok());
  EXPECT_FALSE(verify(var(), {.vkey = dir_.path() / "trusted.vkey"})->ok());
  EXPECT_FALSE(check().ok());
}

TEST_F(Tampered, AnOldCopyOfTheDatabasePutBack) {
  const TemporaryDirectory old;
  fs::copy_file(var() / "audit.db", old.path() / "audit.db");
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 5, 20);
  }
  fs::copy_file(old.path() / "audit.db", var() / "audit.db", fs::copy_options::overwrite_existing);
  expect(ProblemKind::cut_off, 40, 49);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, TheHeadOutsideRemoved) {
  fs::remove(var() / "checkpoint");
  expect(ProblemKind::head_missing, 40, 40);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

// An old copy is put back and other records are written after it, with the true key: two histories.
TEST_F(Tampered, ALogThatForked) {
  const TemporaryDirectory old;
  fs::copy(var(), old.path() / "var");
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 5, 20);
  }
  fs::remove_all(var());
  fs::copy(old.path() / "var", var());
  {
    const auto journal = open_journal(var());
    fill(*journal, 10, 30);
  }
  EXPECT_TRUE(verify(var())->ok());
  expect(ProblemKind::head_root, 40, 49);
}

TEST_F(Tampered, APublishedFileThatACrashCutOffIsNoProblem) {
  write_text(heads(), read_text(heads()) + "menshen/audit\n4");
  EXPECT_TRUE(check().ok());
  EXPECT_EQ(check().published_fragments, 1U);
}

TEST(Verify, RulesOfAnExchange) {
  const TemporaryDirectory dir;
  Record refused = outcome("refused");
  refused.attempts = 0;
  refused.upstream_status = 0;
  refused.status = 403;
  {
    const auto journal = open_journal(dir.path());
    Record again = intent("a");
    again.attempts = 2;  // another zone after a failure
    append_all(*journal, {intent("a"), intent("open"), again, outcome("a"), refused});
  }
  const VerifyReport good = verify(dir.path()).value();
  EXPECT_TRUE(good.ok()) << to_text(good);
  ASSERT_EQ(good.open_exchanges.size(), 1U);
  EXPECT_EQ(good.open_exchanges[0].seq, 1U);
  EXPECT_EQ(good.open_exchanges[0].exchange, "open");
  {
    const auto journal = open_journal(dir.path());
    append_all(*journal, {outcome("a"), intent("open"), outcome("never meant"), intent("a"),
                          refused, outcome("")});
  }
  const VerifyReport bad = verify(dir.path()).value();
  ASSERT_EQ(bad.problems_total, 6U) << to_text(bad);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(bad.problems[i].kind, ProblemKind::exchange);
    EXPECT_EQ(bad.problems[i].first, 5 + i);
  }
}

TEST(Verify, ReportsAsTextAndJson) {
  const TemporaryDirectory dir;
  { fill(*open_journal(dir.path()), 1); }
  run_sql(dir.path(), flip + std::string("1"));
  const VerifyReport report = verify(dir.path()).value();
  EXPECT_NE(to_text(report).find("NOT intact"), std::string::npos);
  EXPECT_NE(to_text(report).find("Record 1 was altered. Exchange exchange-0."), std::string::npos);
  EXPECT_NE(to_json(report).find(R"("kind":"altered","first":1,"last":1,"exchange":"exchange-0")"),
            std::string::npos);
}

TEST(Verify, NoLogAndNoKeyAreErrors) {
  const TemporaryDirectory dir;
  EXPECT_EQ(verify(dir.path()).error().code, "no_audit_log");
  // A place that cannot be looked at says so, and throws nothing.
  const auto hidden = verify(dir.path() / std::string(300, 'x'));
  EXPECT_EQ(hidden.error().code, "evidence_unavailable");
  EXPECT_EQ(hidden.error().message, "File name too long.");
  open_journal(dir.path());
  EXPECT_EQ(verify(dir.path(), {.vkey = dir.path() / "none"}).error().code, "no_verifier_key");
  EXPECT_EQ(verify(dir.path(), {.published = dir.path() / "none"}).error().code,
            "no_published_heads");
  write_text(dir.path() / "bad.vkey", "nonsense\n");
  EXPECT_EQ(verify(dir.path(), {.vkey = dir.path() / "bad.vkey"}).error().code, "malformed_key");
}

}  // namespace
}  // namespace menshen::audit
