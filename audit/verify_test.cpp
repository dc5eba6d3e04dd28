// One test for each enemy: what was done to the log, and what the verifier names.
#include "audit/verify.h"

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "audit/reader.h"
#include "audit/test_support.h"

#include <functional>

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
  // Changes the groups behind the bundles as an enemy does who knows the format.
  void forge(const std::function<void(Segments&)>& change, const fs::path& in = "var") const {
    Segments segments(dir_.path() / in);
    change(segments);
    segments.save();
  }
  static void flip(Segments& segments, std::uint64_t seq) {
    std::string& body = segments.record(seq).body;
    body.replace(body.find("\"alice\""), 7, "\"malice\"");
  }
  static void cut(Segments& segments, std::uint64_t size) {
    std::erase_if(segments.groups(), [&](const auto& group) { return group.first >= size; });
  }

  TemporaryDirectory dir_;
};

TEST_F(Tampered, NothingWasDone) {
  const VerifyReport report = check();
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.records, 40U);
  EXPECT_EQ(report.signed_records, 40U);
  EXPECT_EQ(report.heads, 5U + 5U + 1U);
  EXPECT_EQ(open_error(), "none");
}

TEST_F(Tampered, AByteOfARecord) {
  for (const std::uint64_t seq : {0U, 1U, 7U, 18U, 39U}) {
    fs::remove_all(dir_.path() / "copy");
    fs::copy(var(), dir_.path() / "copy", fs::copy_options::recursive);
    forge([&](Segments& segments) { flip(segments, seq); }, "copy");
    const VerifyReport report = verify(dir_.path() / "copy", {.published = heads()}).value();
    ASSERT_EQ(report.problems_total, 1U) << to_text(report);
    EXPECT_EQ(report.problems[0].kind, ProblemKind::altered);
    EXPECT_EQ(report.problems[0].first, seq);
    EXPECT_EQ(report.problems[0].exchange, "exchange-" + std::to_string(seq / 2));
    EXPECT_EQ(report.signed_records, 40U);
  }
}

TEST_F(Tampered, SeveralRecordsAreAllNamed) {
  forge([](Segments& segments) {
    flip(segments, 3);
    flip(segments, 22);
  });
  const VerifyReport report = check();
  ASSERT_EQ(report.problems_total, 2U) << to_text(report);
  EXPECT_EQ(report.problems[0].first, 3U);
  EXPECT_EQ(report.problems[1].first, 22U);
}

// The root that was written with the record's group is not that of its records.
TEST_F(Tampered, ARecordTogetherWithItsStoredHash) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  forge([&](Segments& segments) {
    flip(segments, 12);
    segments.record(12).leaf = leaf_hash(segments.record(12).body);
    for (const auto& group : segments.groups()) {
      if (group.first > 12) continue;
      first = group.first;
      last = group.first + group.records.size() - 1;
    }
  });
  expect(ProblemKind::altered, first, last);
  EXPECT_EQ(check().problems_total, 1U);
}

TEST_F(Tampered, ARecordTogetherWithEveryStoredHash) {
  forge([](Segments& segments) {
    flip(segments, 12);
    segments.hash_anew();
  });
  expect(ProblemKind::head_root, 10, 19);  // between the heads over 10 and over 20 records
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, AStoredHashAlone) {
  forge([](Segments& segments) { segments.record(11).leaf = {}; });
  expect(ProblemKind::stored_hash, 11, 11);
}

TEST_F(Tampered, ARecordDeletedFromTheMiddle) {
  forge([](Segments& segments) {
    for (auto& group : segments.groups()) {
      if (group.first <= 17 && 17 < group.first + group.records.size())
        group.records.erase(group.records.begin() + static_cast<std::ptrdiff_t>(17 - group.first));
    }
  });
  EXPECT_FALSE(check().ok());
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, AGroupDeletedFromTheMiddle) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  forge([&](Segments& segments) {
    const auto group = std::ranges::find_if(segments.groups(), [](const auto& each) {
      return each.first >= 10 && !each.records.empty();
    });
    first = group->first;
    last = group->first + group->records.size() - 1;
    segments.groups().erase(group);
  });
  expect(ProblemKind::missing, first, last);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, RecordsDeletedFromTheMiddleAndNumberedAnew) {
  forge([](Segments& segments) {
    for (auto& group : segments.groups()) {
      std::erase_if(group.records, [](const auto& record) {
        return record.body.find("\"exchange-8\"") != std::string::npos;
      });
    }
    segments.hash_anew();
  });
  expect(ProblemKind::moved, 16, 16, "exchange-9");
}

TEST_F(Tampered, TheTailDeleted) {
  forge([](Segments& segments) { cut(segments, 30); });
  expect(ProblemKind::cut_off, 30, 39);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, TheTailDeletedWithItsHeads) {
  forge([](Segments& segments) { cut(segments, 30); });
  const auto notes = split_published(read_text(var() / "heads")).notes;
  write_text(var() / "heads", notes[0] + "\n" + notes[1] + "\n");
  expect(ProblemKind::cut_off, 30, 39);
  EXPECT_EQ(open_error(), "evidence_tampered");
  fs::remove(var() / "log/checkpoint");
  expect(ProblemKind::cut_off, 30, 39);  // published elsewhere
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, TwoRecordsSwapped) {
  forge([](Segments& segments) { std::swap(segments.record(8).body, segments.record(21).body); });
  expect(ProblemKind::moved, 8, 8, "exchange-10");
  const VerifyReport report = check();
  EXPECT_EQ(report.problems.front().what, "Record 8 and record 21 were swapped.");
  EXPECT_EQ(report.problems.back().what, "Record 21 and record 8 were swapped.");
}

TEST_F(Tampered, ARecordDuplicated) {
  forge([](Segments& segments) { segments.record(30).body = segments.record(4).body; });
  expect(ProblemKind::duplicated, 30, 30, "exchange-2");
  EXPECT_EQ(check().problems[0].what, "Record 30 is a copy of record 4.");
}

TEST_F(Tampered, ARecordAppendedOnceMore) {
  forge([](Segments& segments) {
    segments.groups().push_back({40, {segments.record(4)}, {}, {}});
    segments.hash_anew();
  });
  expect(ProblemKind::duplicated, 40, 40, "exchange-2");
}

TEST_F(Tampered, ARecordAppendedByAnother) {
  forge([](Segments& segments) {
    segments.groups().push_back({40, {{{}, canonical(outcome("exchange-99"), 40)}}, {}, {}});
    segments.hash_anew();
  });
  expect(ProblemKind::exchange, 40, 40, "exchange-99");
  EXPECT_EQ(check().signed_records, 40U);
}

TEST_F(Tampered, TheSegmentsTruncated) {
  for (const auto name : layout::segments) {
    const auto used = read_text(var() / name).find_last_not_of('\0');
    if (used == std::string::npos) continue;
    fs::resize_file(var() / name, used / 2);
  }
  EXPECT_FALSE(check().ok());
  EXPECT_EQ(open_error(), "evidence_tampered");
  for (const auto name : layout::segments) fs::resize_file(var() / name, 0);
  EXPECT_FALSE(check().ok());
  EXPECT_EQ(open_error(), "evidence_gone");
}

TEST_F(Tampered, ASegmentOverwrittenWithNoise) {
  std::string bytes = read_text(var() / layout::segments[0]);
  const std::size_t used = bytes.find_last_not_of('\0');
  for (std::size_t i = used / 2; i < used; ++i) bytes[i] = static_cast<char>(i * 31);
  write_text(var() / layout::segments[0], bytes);
  EXPECT_FALSE(check().ok());
}

TEST_F(Tampered, AHeadReplaced) {
  const std::string sound = read_text(var() / "heads");
  auto notes = split_published(sound).notes;
  std::string text;
  for (std::string& note : notes) {
    if (note.find("\n20\n") != std::string::npos) note.replace(note.find("\n20\n"), 4, "\n21\n");
    text += note + "\n";
  }
  write_text(var() / "heads", text);
  expect(ProblemKind::head_signature, 21, 21);
  EXPECT_EQ(check().problems_total, 1U);
}

TEST_F(Tampered, TheHeadOutsideReplacedByAnOlderOneIsNoLoss) {
  const auto published = split_published(read_text(heads()));
  write_text(var() / "log/checkpoint", published.notes[1]);
  EXPECT_TRUE(check().ok());
}

TEST_F(Tampered, TheHeadOutsideForged) {
  const auto signer = NoteSigner::generate("menshen/audit").value();
  write_text(var() / "log/checkpoint",
             sign_checkpoint({"menshen/audit", 40, empty_root()}, signer));
  expect(ProblemKind::head_signature, 0, 0);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, EverythingSignedAgainWithAnotherKey) {
  const auto signer = NoteSigner::generate("menshen/audit").value();
  std::string note;
  forge([&](Segments& segments) {
    flip(segments, 12);
    segments.hash_anew();
    for (auto& group : segments.groups()) group.note.clear();
    auto& last = segments.groups().back();
    note = sign_checkpoint({"menshen/audit", 40, last.root}, signer);
    last.note = note;
  });
  write_text(var() / "log/checkpoint", note);
  write_text(var() / "heads", note + "\n");
  fs::remove_all(var() / "log/tile");
  EXPECT_FALSE(check().ok());
  EXPECT_EQ(open_error(), "evidence_tampered");
  // With the key in the directory replaced too, only a key and heads kept elsewhere tell.
  const std::string trusted = read_text(var() / "audit.vkey");
  write_text(dir_.path() / "trusted.vkey", trusted);
  write_text(var() / "audit.vkey", signer.verifier().vkey() + "\n");
  EXPECT_TRUE(verify(var())->ok()) << to_text(*verify(var()));
  EXPECT_FALSE(verify(var(), {.vkey = dir_.path() / "trusted.vkey"})->ok());
  EXPECT_FALSE(check().ok());
}

TEST_F(Tampered, OldSegmentsPutBack) {
  const TemporaryDirectory old;
  for (const auto name : layout::segments) fs::copy_file(var() / name, old.path() / name);
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 5, 20);
  }
  for (const auto name : layout::segments) {
    fs::copy_file(old.path() / name, var() / name, fs::copy_options::overwrite_existing);
  }
  expect(ProblemKind::cut_off, 40, 49);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Tampered, TheHeadOutsideRemoved) {
  fs::remove(var() / "log/checkpoint");
  expect(ProblemKind::head_missing, 40, 40);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

// An old copy is put back and other records are written after it, with the true key: two histories.
TEST_F(Tampered, ALogThatForked) {
  const TemporaryDirectory old;
  fs::copy(var(), old.path() / "var", fs::copy_options::recursive);
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 5, 20);
  }
  fs::remove_all(var());
  fs::copy(old.path() / "var", var(), fs::copy_options::recursive);
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
  Segments segments(dir.path());
  std::string& body = segments.record(1).body;
  body.replace(body.find("\"alice\""), 7, "\"malice\"");
  segments.save();
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
