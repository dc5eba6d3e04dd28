// The evidence of one record: made from the log, checked without it.
#include "audit/proof.h"

#include "audit/cosignature.h"
#include "audit/keys.h"
#include "audit/test_support.h"

namespace menshen::audit {
namespace {

NoteVerifier vkey_of(const std::filesystem::path& directory) {
  return load_verifier(directory / layout::verifier_key).value();
}

TEST(Proof, OfEveryRecordBehindAndInTheBundles) {
  const TemporaryDirectory dir;
  { fill(*open_journal(dir.path()), 150); }
  const NoteVerifier key = vkey_of(dir.path());
  for (std::uint64_t seq = 0; seq < 300; seq += 7) {
    const auto proof = prove(dir.path(), seq);
    ASSERT_TRUE(proof) << core::to_string(proof.error());
    const auto read = parse_proof(to_text(*proof));
    ASSERT_TRUE(read) << core::to_string(read.error());
    const auto head = check_proof(*read, proof->record, key);
    ASSERT_TRUE(head) << core::to_string(head.error());
    EXPECT_EQ(head->size, 300U);
    EXPECT_EQ(check_proof(*read, proof->record + " ", key).error().code, "wrong_proof");
  }
}

// Partial tiles may be gone: what they hold stands in the segments too.
TEST(Proof, IsTheSameWithoutPartialTiles) {
  const TemporaryDirectory dir;
  { fill(*open_journal(dir.path()), 150); }
  std::vector<std::string> proofs;
  for (std::uint64_t seq = 0; seq < 300; seq += 13)
    proofs.push_back(to_text(prove(dir.path(), seq).value()));
  const auto tiles = dir.path() / layout::tiles / "tile";
  EXPECT_GT(std::filesystem::remove_all(tiles / "0" / "001.p"), 0U);
  EXPECT_GT(std::filesystem::remove_all(tiles / "1" / "000.p"), 0U);
  for (std::size_t i = 0; i < proofs.size(); ++i)
    EXPECT_EQ(to_text(prove(dir.path(), i * 13).value()), proofs[i]) << i * 13;
}

TEST(Proof, OfARecordThatIsNotThereOrNotSignedYet) {
  const TemporaryDirectory dir;
  const auto journal = open_journal(dir.path(), {.checkpoint_interval_ms = 3'600'000});
  fill(*journal, 2);
  EXPECT_EQ(prove(dir.path(), 4).error().code, "no_such_record");
  EXPECT_EQ(prove(dir.path(), 3).error().code, "record_not_signed");
}

TEST(Proof, LeadsToTheLastHeadThatWasCosignedWhereThatCoversTheRecord) {
  const TemporaryDirectory dir;
  const auto witness = WitnessSigner::generate("w").value();
  { fill(*open_journal(dir.path()), 200); }
  const std::string head = read_text(dir.path() / layout::checkpoint);
  write_text(dir.path() / layout::witnessed,
             head + witness.cosign(parse_note(head)->text, 1'700'000'000));
  { fill(*open_journal(dir.path()), 100, 200); }
  const NoteVerifier key = vkey_of(dir.path());
  const std::vector<Witness> known{{witness.verifier(), "o"}};
  for (const std::uint64_t seq : {0U, 255U, 256U, 399U, 400U, 599U}) {
    const auto proof = prove(dir.path(), seq).value();
    EXPECT_EQ(check_proof(proof, proof.record, key)->size, seq < 400 ? 400U : 600U) << seq;
    EXPECT_EQ(cosignatures_of(proof.checkpoint, known)->size(), seq < 400 ? 1U : 0U) << seq;
  }
}

TEST(Proof, TheExchangeIsFoundByItsLastRecord) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_journal(dir.path());
    fill(*journal, 300);
    Record scores;
    scores.type = RecordType::scores;
    scores.exchange = "exchange-299";
    ASSERT_TRUE(append_all(*journal, {scores}).front());
  }
  EXPECT_EQ(find_exchange(dir.path(), "exchange-0").value(), 1U);
  EXPECT_EQ(find_exchange(dir.path(), "exchange-299").value(), 599U);
  EXPECT_FALSE(find_exchange(dir.path(), "exchange-300").value());
}

TEST(Proof, EveryByteThatIsChangedIsRefused) {
  const TemporaryDirectory dir;
  { fill(*open_journal(dir.path()), 3); }
  const NoteVerifier key = vkey_of(dir.path());
  const auto proof = prove(dir.path(), 3).value();
  const std::string text = to_text(proof);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto read = parse_proof(changed);
    EXPECT_FALSE(read && check_proof(*read, proof.record, key)) << at;
    const auto cut = parse_proof(text.substr(0, at));
    EXPECT_FALSE(cut && check_proof(*cut, proof.record, key)) << at;
  }
}

TEST(Proof, OfAnotherLogsKeyIsRefused) {
  const TemporaryDirectory dir;
  { fill(*open_journal(dir.path() / "one"), 1); }
  open_journal(dir.path() / "other");
  const auto proof = prove(dir.path() / "one", 0).value();
  EXPECT_FALSE(check_proof(proof, proof.record, vkey_of(dir.path() / "other")));
}

// What a log says that was not written by this program: the intent is another's, of no exchange,
// the outcome itself, or stands behind it. No record of somebody else is handed on as this one's
// half.
TEST(Proof, AnIntentOfAnotherExchangeIsNotTakenForTheOutcomesOwn) {
  const TemporaryDirectory dir;
  Record own = outcome("own");
  own.subject.clear();
  std::vector<Record> all{outcome("another"), intent("another"), intent("own")};
  for (const std::uint64_t seq : {2U, 1U, 3U, 6U, 9U, 900U}) {
    all.push_back(own);
    all.back().intent = seq;
  }
  all.push_back(intent("own"));  // record 9
  { append_all(*open_journal(dir.path()), all); }
  const auto refers_to = [&](std::uint64_t seq) {
    const auto proof = prove_intent(dir.path(), prove(dir.path(), seq).value());
    return proof ? std::to_string((*proof)->index) : proof.error().code;
  };
  EXPECT_EQ(refers_to(3), "2");
  for (std::uint64_t seq = 4; seq < 9; ++seq) EXPECT_EQ(refers_to(seq), "wrong_intent") << seq;
  EXPECT_FALSE(prove_intent(dir.path(), prove(dir.path(), 0).value()).value());
}

}  // namespace
}  // namespace menshen::audit
