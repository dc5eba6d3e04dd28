#include "audit/cosignature.h"

#include "audit/checkpoint.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <fstream>

namespace menshen::audit {
namespace {

using Json = nlohmann::json;
using std::string;

constexpr std::uint64_t signed_at = 1'700'000'000;

Json cosignature_vector() {
  std::ifstream file(MENSHEN_SOURCE_DIR "/audit/testdata/transparency.json");
  return Json::parse(file)["note_vector"];
}

WitnessSigner witness_of(const string& name, std::uint8_t fill) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(fill);
  return WitnessSigner(NoteSigner::from_seed(name, seed, KeyType::cosignature).value());
}

string signed_head(std::uint64_t size = 7) {
  static const NoteSigner log = NoteSigner::from_seed("log", {1, 2, 3}).value();
  return sign_checkpoint({"log", size, empty_root()}, log);
}

string cosigned(const string& note, const WitnessSigner& witness, std::uint64_t time) {
  return note + witness.cosign(parse_note(note)->text, time);
}

string error_of(const string& note, const std::vector<Witness>& known) {
  const auto found = cosignatures_of(note, known);
  return found ? "none" : found.error().code;
}

// The seed is that of RFC 8032 section 7.1, test 2.
TEST(Cosignature, IsThatOfTheVector) {
  const Json v = cosignature_vector();
  std::array<std::uint8_t, 32> seed{};
  std::memcpy(seed.data(), core::from_hex(string(v["cosignature_seed_hex"]))->data(), seed.size());
  const WitnessSigner signer(
      NoteSigner::from_seed("witness.example/w1", seed, KeyType::cosignature).value());
  EXPECT_EQ(signer.verifier().key().vkey(), string(v["witness_vkey"]));
  const string note = v["note"];
  const string line = string(v["cosignature_line"]) + "\n";
  EXPECT_EQ(signer.cosign(parse_note(note)->text, v["cosignature_time"]), line);

  const std::vector<Witness> known{
      {WitnessVerifier::parse(string(v["witness_vkey"])).value(), "auditor"}};
  const auto found = cosignatures_of(note + line, known).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].time, 1'700'000'000U);
}

TEST(Cosignature, EveryChangedByteOfItsLineIsRefusedOrPassedOver) {
  const WitnessSigner witness = witness_of("w", 1);
  const std::vector<Witness> known{{witness.verifier(), "a"}};
  const string note = signed_head();
  const string whole = cosigned(note, witness, signed_at);
  ASSERT_EQ(cosignatures_of(whole, known)->size(), 1U);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto found = cosignatures_of(changed, known);
    // The log's own signature is not looked at here.
    const bool of_log = i > note.find("\n\n") + 1 && i < note.size();
    EXPECT_TRUE(of_log || !found || found->empty()) << i;
  }
}

TEST(Cosignature, AWrongOneOfAKnownWitnessIsNotOutvoted) {
  const WitnessSigner witness = witness_of("w", 1);
  const std::vector<Witness> known{{witness.verifier(), "a"}};
  const string note = signed_head();
  const string other = witness.cosign(parse_note(signed_head(8))->text, signed_at);
  EXPECT_EQ(error_of(cosigned(note, witness, signed_at) + other, known), "wrong_signature");
  EXPECT_EQ(error_of(note, known), "none");
  EXPECT_EQ(error_of("no note", known), "malformed_note");
  // What others signed is passed over.
  EXPECT_TRUE(cosignatures_of(cosigned(note, witness_of("w", 2), signed_at), known)->empty());
}

TEST(Cosignature, TheLastOfSeveralTimesCounts) {
  const WitnessSigner witness = witness_of("w", 1);
  const std::vector<Witness> known{{witness.verifier(), "a"}};
  const string note = cosigned(cosigned(signed_head(), witness, signed_at + 5), witness, signed_at);
  const auto found = cosignatures_of(note, known).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].time, signed_at + 5);
}

TEST(Cosignature, TimesHaveBounds) {
  const WitnessSigner witness = witness_of("w", 1);
  const std::vector<Witness> known{{witness.verifier(), "a"}};
  constexpr std::uint64_t most = (std::uint64_t{1} << 63) - 1;
  EXPECT_EQ(error_of(cosigned(signed_head(), witness, 1), known), "none");
  EXPECT_EQ(error_of(cosigned(signed_head(), witness, most), known), "none");
  EXPECT_EQ(error_of(cosigned(signed_head(), witness, 0), known), "wrong_signature");
  EXPECT_EQ(error_of(cosigned(signed_head(), witness, most + 1), known), "wrong_signature");
}

TEST(Cosignature, AQuorumCountsOperators) {
  const WitnessSigner first = witness_of("w1", 1);
  const WitnessSigner second = witness_of("w2", 2);
  const WitnessSigner third = witness_of("w3", 3);
  const std::vector<Witness> known{
      {first.verifier(), "a"}, {second.verifier(), "a"}, {third.verifier(), "b"}};
  string note = signed_head();
  const std::vector<std::pair<WitnessSigner, std::size_t>> steps{
      {first, 1}, {second, 1}, {first, 1}, {third, 2}};
  for (const auto& [witness, operators] : steps) {
    note = cosigned(note, witness, signed_at);
    EXPECT_EQ(operators_of(cosignatures_of(note, known).value(), known), operators);
  }
}

TEST(Witnesses, AreReadFromLines) {
  const string a = witness_of("w1", 1).verifier().key().vkey();
  const string b = witness_of("w2", 2).verifier().key().vkey();
  const string c = witness_of("w3", 3).verifier().key().vkey();
  const auto read =
      parse_witnesses("# mine\r\n\n" + a + " audit\r\n " + b + "\t audit \n" + c + " ");
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].operator_name, "audit");
  EXPECT_EQ((*read)[1].operator_name, "audit");
  EXPECT_EQ((*read)[2].operator_name, "w3");
  EXPECT_EQ(operators_of(*read), 2U);
  EXPECT_EQ(parse_witnesses(a + " 审计 部\n")->front().operator_name, "审计 部");
  EXPECT_TRUE(parse_witnesses("#\n \n")->empty());
}

TEST(Witnesses, OneKeyIsOneWitness) {
  const string a = witness_of("w1", 1).verifier().key().vkey();
  const string renamed = witness_of("w2", 1).verifier().key().vkey();
  const auto refused = [](const string& text) { return parse_witnesses(text).error(); };
  EXPECT_EQ(refused(a + " one\n" + renamed + " two\n").code, "malformed_witnesses");
  EXPECT_EQ(refused(a + "\n" + a + "\n").message,
            "Line 2: The key stands there twice; it is one witness.");
  for (const char* runs : {"a\x01", "a\tb", "a\x7f", "a\xff"}) {
    EXPECT_EQ(refused(a + " " + runs + "\n").message, "Line 1: The operator's name is not text.");
  }
  EXPECT_EQ(refused("w+a1b2c3d4+BAAA").code, "malformed_key");
}

// A log's key signs no cosignatures, and a witness's no heads.
TEST(Cosignature, KeysAreOfOneType) {
  const WitnessSigner witness = witness_of("log", 1);
  const string vkey = witness.verifier().key().vkey();
  EXPECT_FALSE(NoteVerifier::parse(vkey));
  EXPECT_FALSE(NoteSigner::parse(witness.skey()));
  EXPECT_EQ(WitnessVerifier::parse(vkey)->key().vkey(), vkey);
  EXPECT_EQ(WitnessSigner::parse(witness.skey())->verifier().key().vkey(), vkey);
  const auto log = NoteSigner::from_seed("log", {1, 2, 3}).value();
  EXPECT_FALSE(WitnessVerifier::parse(log.verifier().vkey()));
  EXPECT_FALSE(WitnessSigner::parse(log.skey()));
  EXPECT_FALSE(WitnessSigner::generate("a b"));
  EXPECT_TRUE(WitnessSigner::generate("witness.example/审计"));
}

}  // namespace
}  // namespace menshen::audit
