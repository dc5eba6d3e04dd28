// Cosigned heads in the journal and in verify.
#include "audit/checkpoint.h"
#include "audit/head_file.h"
#include "audit/layout.h"
#include "audit/publisher.h"
#include "audit/test_support.h"
#include "audit/verify.h"

#include <condition_variable>
#include <latch>
#include <mutex>

namespace menshen::audit {
namespace {

constexpr std::uint64_t then = 1'700'000'000;

class WitnessedLog : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] std::filesystem::path heads() const { return dir_.path() / "heads"; }

  JournalOptions options() {
    JournalOptions out;
    out.publish = heads();
    out.checkpoint_interval_ms = 0;  // a head with each commit
    out.on_head = [this](const std::string& note) {
      const std::lock_guard lock(mutex_);
      told_.push_back(note);
      woken_.notify_all();
    };
    return out;
  }
  // The last head that was told, once it covers so many records.
  std::string head_over(std::uint64_t records) {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [&] { return !told_.empty() && size_of(told_.back()) >= records; });
    return told_.back();
  }
  static std::uint64_t size_of(const std::string& note) { return claimed_size(note, 0); }
  [[nodiscard]] std::string cosigned(const std::string& note, std::size_t count = 2) const {
    std::string out = note;
    for (std::size_t i = 0; i < count; ++i) out += signers_[i].cosign(parse_note(note)->text, then);
    return out;
  }
  [[nodiscard]] VerifyReport check(std::size_t quorum = 2) const {
    VerifyOptions asked{.published = heads(), .quorum = quorum};
    for (std::size_t i = 0; i < signers_.size(); ++i)
      asked.witnesses.push_back({signers_[i].verifier(), i < 2 ? "ab"[i] + std::string{} : "b"});
    return verify(var(), asked).value();
  }
  [[nodiscard]] static std::string kinds(const VerifyReport& report) {
    std::string out;
    for (const Problem& problem : report.problems)
      out += std::string(to_string(problem.kind)) + ",";
    return out;
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<std::string> told_;
  const std::vector<WitnessSigner> signers_{WitnessSigner::generate("w1").value(),
                                            WitnessSigner::generate("w2").value(),
                                            WitnessSigner::generate("w3").value()};

 private:
  TemporaryDirectory dir_;
};

TEST_F(WitnessedLog, ACosignedHeadTakesThePlaceOfItsOwn) {
  auto journal = open_journal(var(), options());
  fill(*journal, 3);
  const std::string head = head_over(6);
  EXPECT_EQ(read_text(var() / layout::checkpoint), head);
  journal->publish_cosigned(cosigned(head));
  journal.reset();
  // The log closes without another head, for it has no further record.
  EXPECT_EQ(read_text(var() / layout::checkpoint), cosigned(head));
  EXPECT_EQ(read_text(var() / layout::witnessed), cosigned(head));
  const auto published = split_published(read_text(heads())).notes;
  EXPECT_EQ(published.back(), cosigned(head));
  // The log's own file has each head once, as it was signed.
  EXPECT_EQ(split_published(read_text(var() / layout::heads)).notes.back(), head);
  EXPECT_EQ(std::ranges::count(told_, head), 1);
  EXPECT_EQ(std::ranges::count(told_, cosigned(head)), 0);

  const VerifyReport report = check();
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.witnessed.records, 6U);
  EXPECT_EQ(report.witnessed.witnesses[0].records, 6U);
  EXPECT_EQ(report.witnessed.witnesses[0].time, then);
  EXPECT_EQ(report.witnessed.witnesses[2].time, 0U);
  EXPECT_NE(to_text(report).find("witnessed by 2 operators: 6 records, not yet by so many: 0\n"),
            std::string::npos);
}

// Also when the cosignatures come before the listener has returned.
TEST_F(WitnessedLog, AHeadIsToldOnce) {
  fill(*open_journal(var(), options()), 3);
  const std::string head = head_over(6);
  int told = 0;
  {
    Publisher* offered_to = nullptr;
    std::latch ready(1);
    Publisher publisher(var(), {}, {}, {.change = {}, .head = [&](const std::string&) {
                                          ready.wait();
                                          if (++told == 1)
                                            offered_to->offer_cosigned(cosigned(head));
                                        }});
    offered_to = &publisher;
    ready.count_down();
    publisher.offer(head, true);
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(read_text(var() / layout::checkpoint), cosigned(head));
}

// The witnesses' answer comes when the log has gone on.
TEST_F(WitnessedLog, ALateOneStandsBesideTheLastHead) {
  auto journal = open_journal(var(), options());
  fill(*journal, 3);
  const std::string older = head_over(6);
  fill(*journal, 2, 10);
  const std::string newer = head_over(10);
  journal->publish_cosigned(cosigned(older));
  journal.reset();
  EXPECT_EQ(read_text(var() / layout::checkpoint), newer);
  EXPECT_EQ(read_text(var() / layout::witnessed), cosigned(older));
  const VerifyReport report = check();
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.witnessed.records, 6U);
  EXPECT_NE(to_text(report).find("6 records, not yet by so many: 4\n"), std::string::npos);
  // And is compared at the next start.
  EXPECT_TRUE(Journal::open({.directory = var()}, core::system_clock()));
  std::string wrong = cosigned(older);
  wrong[wrong.find('\n') + 1] = '5';
  write_text(var() / layout::witnessed, wrong);
  EXPECT_EQ(Journal::open({.directory = var()}, core::system_clock()).error().code,
            "evidence_tampered");
}

// What was published outside and cosigned tells more than the store itself.
TEST_F(WitnessedLog, VerifyFindsAStoreThatWasPutBackByWhatWasCosigned) {
  fill(*open_journal(var(), options()), 3);
  const auto copy = var().parent_path() / "copy";
  std::filesystem::copy(var(), copy, std::filesystem::copy_options::recursive);
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 1, 5);
    journal->publish_cosigned(cosigned(head_over(8)));
  }
  std::filesystem::remove_all(var());
  std::filesystem::rename(copy, var());
  EXPECT_EQ(kinds(check()), "cut_off,");
}

TEST_F(WitnessedLog, VerifyAsksForAQuorumOfOperators) {
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 3);
    journal->publish_cosigned(cosigned(head_over(6), 1));
  }
  EXPECT_EQ(kinds(check(2)), "cosignature,");
  EXPECT_EQ(kinds(check(1)), "");
  const auto report = verify(var(), {}).value();
  EXPECT_TRUE(report.ok());
  EXPECT_NE(to_text(report).find("cosignatures were not looked at"), std::string::npos);
  // Two witnesses of one operator.
  const std::string head = split_published(read_text(var() / layout::heads)).notes.back();
  const std::string text = parse_note(head)->text;
  write_text(var() / layout::witnessed,
             head + signers_[1].cosign(text, then) + signers_[2].cosign(text, then));
  EXPECT_EQ(kinds(check(2)), "cosignature,");
  write_text(var() / layout::witnessed, cosigned(head));
  EXPECT_EQ(kinds(check(2)), "");
}

TEST_F(WitnessedLog, VerifyNamesACosignatureThatIsWrong) {
  std::string head;
  {
    const auto journal = open_journal(var(), options());
    fill(*journal, 3);
    head = head_over(6);
    journal->publish_cosigned(cosigned(head));
  }
  const std::string other = signers_[0].cosign("another\n", then);
  write_text(var() / layout::witnessed, head + other + signers_[1].cosign(head, then));
  EXPECT_EQ(kinds(check(2)), "cosignature,");
  EXPECT_NE(to_text(check(2)).find("A head in the file witnessed: The cosignature by w1 is wrong."),
            std::string::npos);
}

// A witness has signed a history that this log has not.
TEST_F(WitnessedLog, NothingMoreIsTakenOnceItIsRefused) {
  const auto journal = open_journal(var(), options());
  fill(*journal, 1);
  EXPECT_TRUE(journal->stats().healthy);
  journal->refuse(core::gateway_error(core::ErrorKind::invalid_config, "evidence_tampered",
                                      "The witness w1 says no."));
  const auto refused = append_all(*journal, {intent("e")});
  ASSERT_FALSE(refused[0]);
  EXPECT_EQ(refused[0].error().kind, core::ErrorKind::unavailable);
  EXPECT_EQ(refused[0].error().code, "evidence_unavailable");
  EXPECT_EQ(refused[0].error().message.find("w1"), std::string::npos);  // clients hear it
  const JournalStats stats = journal->stats();
  EXPECT_FALSE(stats.healthy);
  EXPECT_EQ(stats.reason, "The witness w1 says no.");
  EXPECT_EQ(stats.records, 2U);
}

}  // namespace
}  // namespace menshen::audit
