// The log's side of a witness: its tree behind a published head, what it sends, and what answers
// mean.
#include "audit/witness_session.h"

#include "audit/head_file.h"
#include "audit/layout.h"
#include "audit/submission.h"
#include "audit/test_support.h"
#include "audit/witness_store.h"

namespace menshen::audit {
namespace {

constexpr std::string_view size_type = "text/x.tlog.size";

class WitnessSessionTest : public ::testing::Test {
 protected:
  WitnessSessionTest() {
    const auto made = make_witness_key(dir_.path() / "witness", "witness.example/w1").value();
    session_ = std::make_unique<WitnessSession>(made);
  }

  [[nodiscard]] std::filesystem::path var() const { return dir_.path() / "var"; }
  void write_log(int exchanges) {
    fill(*open_journal(var()), exchanges, written_);
    written_ += exchanges;
    if (!store_) {
      const auto key = NoteVerifier::parse(first_line(var() / layout::verifier_key)).value();
      store_ = WitnessStore::open({dir_.path() / "witness", {key}}, core::system_clock()).value();
    }
  }
  static std::string first_line(const std::filesystem::path& path) {
    const std::string text = read_text(path);
    return text.substr(0, text.find('\n'));
  }
  [[nodiscard]] std::string note() const { return read_text(var() / layout::checkpoint); }
  [[nodiscard]] Checkpoint head() const {
    return parse_checkpoint(parse_note(note())->text).value();
  }
  [[nodiscard]] core::Result<HeadTree> tree() const {
    return HeadTree::open(TileStore(var() / layout::tiles), head());
  }
  WitnessReading take(unsigned status, std::string_view type, std::string_view body) {
    return session_->take(note(), head(), {status, type, body}, head().size);
  }
  // As a witness's server answers it.
  WitnessReading ask() {
    const WitnessAnswer answer = store_->add(session_->request(note(), tree().value()).value());
    switch (answer.verdict) {
      case WitnessVerdict::cosigned: return take(200, "text/plain", answer.line);
      case WitnessVerdict::other_size:
        return take(409, size_type, std::to_string(answer.size) + "\n");
      case WitnessVerdict::other_root: return take(409, "text/plain", answer.what);
      case WitnessVerdict::wrong_proof: return take(422, "text/plain", answer.what);
      default: return take(400, "text/plain", answer.what);
    }
  }
  // Until it is neither `again` nor `doubted`.
  WitnessReading settle() {
    WitnessReading reading = ask();
    while (reading.outcome == WitnessOutcome::again || reading.outcome == WitnessOutcome::doubted)
      reading = ask();
    return reading;
  }
  void forget() { session_ = std::make_unique<WitnessSession>(WitnessVerifier(store_->key())); }

  std::unique_ptr<WitnessSession> session_;
  std::unique_ptr<WitnessStore> store_;
  int written_ = 0;

 private:
  TemporaryDirectory dir_;
};

TEST_F(WitnessSessionTest, ALogThatGrowsIsCosigned) {
  for (const int more : {1, 3, 123, 1, 128, 512}) {
    write_log(more);
    const WitnessReading reading = settle();
    ASSERT_EQ(reading.outcome, WitnessOutcome::cosigned) << reading.error.message;
    EXPECT_EQ(session_->size(), head().size);
    const std::vector<Witness> known{{WitnessVerifier(store_->key()), "auditor"}};
    EXPECT_EQ(cosignatures_of(note() + reading.line, known)->size(), 1U);
    // A gateway that has started anew asks for the size.
    forget();
    EXPECT_EQ(ask().outcome, WitnessOutcome::again);
    EXPECT_EQ(ask().outcome, WitnessOutcome::cosigned);
  }
}

TEST_F(WitnessSessionTest, AnOlderCopyIsAContradiction) {
  write_log(40);
  const auto copy = var().parent_path() / "copy";
  std::filesystem::copy(var(), copy, std::filesystem::copy_options::recursive);
  write_log(1);
  ASSERT_EQ(settle().outcome, WitnessOutcome::cosigned);
  std::filesystem::remove_all(var());
  std::filesystem::rename(copy, var());
  forget();
  WitnessReading reading = settle();
  ASSERT_EQ(reading.outcome, WitnessOutcome::contradicted);
  EXPECT_EQ(reading.error.code, "evidence_tampered");
  EXPECT_NE(reading.error.message.find("has cosigned 82 records of this log, which holds 80"),
            std::string::npos);
  // It goes on, to the same size and past it, with other records.
  for (int i = 0; i < 2; ++i) {
    fill(*open_journal(var()), 1, 1'000 + i);
    forget();
    reading = settle();
    ASSERT_EQ(reading.outcome, WitnessOutcome::contradicted);
    EXPECT_NE(reading.error.message.find("other records than the first 82 of this log"),
              std::string::npos);
  }
}

TEST_F(WitnessSessionTest, WhatOthersHaveShownTheWitnessIsNoContradiction) {
  write_log(2);
  const std::string body = "9\n";
  EXPECT_EQ(session_->take(note(), head(), {409, size_type, body}, 8).outcome,
            WitnessOutcome::contradicted);
  forget();
  EXPECT_EQ(session_->take(note(), head(), {409, size_type, body}, 9).outcome,
            WitnessOutcome::again);
}

// What a proxy or a firewall answers in the witness's place says nothing about the log.
TEST_F(WitnessSessionTest, ARefusalThatNobodySignedIsNoContradiction) {
  write_log(2);
  ASSERT_EQ(settle().outcome, WitnessOutcome::cosigned);
  write_log(2);
  for (const unsigned status : {409U, 422U}) {
    for (const std::string_view type : {"text/html", "text/plain", ""}) {
      // Of the size that was cosigned; then the witness says which that is, and signs.
      EXPECT_EQ(take(status, type, "4\n").outcome, WitnessOutcome::again) << status << type;
      EXPECT_EQ(session_->size(), 0U);
      EXPECT_EQ(ask().outcome, WitnessOutcome::again);
      EXPECT_EQ(ask().outcome, WitnessOutcome::cosigned);
      // To every question.
      EXPECT_EQ(take(status, type, "").outcome, WitnessOutcome::again);
      for (int i = 0; i < 5; ++i) EXPECT_EQ(take(status, type, "").outcome, WitnessOutcome::failed);
      EXPECT_EQ(settle().outcome, WitnessOutcome::cosigned);
    }
    // To every question with a proof.
    for (int i = 0; i < 5; ++i) {
      forget();
      EXPECT_EQ(ask().outcome, WitnessOutcome::again);
      EXPECT_EQ(take(status, "text/html", "").outcome, WitnessOutcome::failed);
    }
    EXPECT_EQ(settle().outcome, WitnessOutcome::cosigned);
  }
}

TEST_F(WitnessSessionTest, ARefusalOfTheNamedSizeCountsWhenItIsRepeated) {
  write_log(2);
  ASSERT_EQ(settle().outcome, WitnessOutcome::cosigned);
  const auto refuse = [&] {
    EXPECT_EQ(take(409, size_type, "3\n").outcome, WitnessOutcome::again);
    return take(422, "text/plain", "").outcome;
  };
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(refuse(), WitnessOutcome::doubted);
    EXPECT_EQ(refuse(), WitnessOutcome::doubted);
    ASSERT_EQ(settle().outcome, WitnessOutcome::cosigned);  // it was none
  }
  EXPECT_EQ(refuse(), WitnessOutcome::doubted);
  EXPECT_EQ(refuse(), WitnessOutcome::doubted);
  EXPECT_EQ(refuse(), WitnessOutcome::contradicted);
}

TEST_F(WitnessSessionTest, OtherAnswersAreFailures) {
  write_log(2);
  const auto outcome = [&](unsigned status, std::string_view type, std::string_view body) {
    forget();
    return take(status, type, body).outcome;
  };
  for (const unsigned status : {204U, 301U, 400U, 403U, 404U, 409U, 422U, 429U, 500U, 503U})
    EXPECT_EQ(outcome(status, "text/plain", "3\n"), WitnessOutcome::failed) << status;
  for (const std::string_view body : {"", "1", "1\n\n", "01\n", "-1\n", "1 \n", "x\n", "0\n"})
    EXPECT_EQ(outcome(409, size_type, body), WitnessOutcome::failed) << body;
  EXPECT_EQ(outcome(409, "Text/X.tlog.size; charset=utf-8", "1\n"), WitnessOutcome::again);
  EXPECT_EQ(outcome(409, "text/x.tlog.sizes", "1\n"), WitnessOutcome::failed);

  const std::string text = parse_note(note())->text;
  const auto other = WitnessSigner::generate("witness.example/w1").value();
  const std::string right = ask().line;
  for (const std::string& lines : std::vector<std::string>{
           "", "\n", "no line\n", other.cosign(text, 5), right.substr(0, right.size() - 1),
           right + "rest", note(), std::string(note_bytes_max, 'x')})
    EXPECT_EQ(outcome(200, "text/plain", lines), WitnessOutcome::failed) << lines.substr(0, 50);
  // Lines of others are passed over.
  EXPECT_EQ(outcome(200, "text/plain", other.cosign(text, 5) + right), WitnessOutcome::cosigned);
  forget();
  EXPECT_EQ(take(200, "text/plain", other.cosign(text, 5) + right).line, right);
}

TEST_F(WitnessSessionTest, TilesThatAreNotTheHeadsProveNothing) {
  write_log(200);
  ASSERT_TRUE(tree());
  for (const std::string& path : {tile_path(0, 0), tile_path(0, 1, 144)}) {
    const auto file = var() / layout::tiles / path;
    const std::string whole = read_text(file);
    std::string changed = whole;
    changed[40] ^= 1;
    write_text(file, changed);
    EXPECT_EQ(tree().error().code, "evidence_unreadable") << path;
    std::filesystem::remove(file);
    EXPECT_EQ(tree().error().code, "evidence_unreadable") << path;
    write_text(file, whole);
  }
  EXPECT_EQ(tree()->proof_from(401).error().code, "evidence_unreadable");
}

// The partial tile of a head goes when later heads have come; the full one has its hashes.
TEST_F(WitnessSessionTest, AHeadWhoseTileHasFilledUpKeepsItsProofs) {
  write_log(200);
  const Checkpoint older = head();
  const auto before = tree()->proof_from(100).value();
  JournalOptions options;
  options.checkpoint_interval_ms = 0;
  {
    const auto journal = open_journal(var(), options);
    for (int i = 0; i < 8; ++i) fill(*journal, 40, 1'000 * i);
  }
  ASSERT_FALSE(std::filesystem::exists(var() / layout::tiles / tile_path(0, 1, 144)));
  const auto later = HeadTree::open(TileStore(var() / layout::tiles), older);
  EXPECT_EQ(later->proof_from(100).value(), before);
}

}  // namespace
}  // namespace menshen::audit
