#include "audit/checkpoint.h"
#include "audit/note.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace menshen::audit {
namespace {

using Json = nlohmann::json;

Json note_vector() {
  std::ifstream file(MENSHEN_SOURCE_DIR "/audit/testdata/transparency.json");
  return Json::parse(file)["note_vector"];
}

std::array<std::uint8_t, 32> seed_from(const std::string& hex) {
  std::array<std::uint8_t, 32> seed{};
  std::memcpy(seed.data(), core::from_hex(hex)->data(), seed.size());
  return seed;
}

NoteSigner signer_of(const std::string& name, char fill) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(static_cast<std::uint8_t>(fill));
  return NoteSigner::from_seed(name, seed).value();
}

std::string error_of(const std::string& note, const NoteVerifier& key) {
  const auto opened = open_note(note, {&key, 1});
  return opened ? "none" : opened.error().code;
}

// The seed is that of RFC 8032 section 7.1, test 1; Go signed the note.
TEST(Note, SignsAsGoDoes) {
  const Json v = note_vector();
  const auto signer =
      NoteSigner::from_seed("gateway.example/audit", seed_from(v["seed_hex"])).value();
  EXPECT_EQ(signer.verifier().vkey(), v["vkey"].get<std::string>());
  const std::string note = v["note"];
  const auto checkpoint =
      open_checkpoint(note, NoteVerifier::parse(std::string(v["vkey"])).value()).value();
  EXPECT_EQ(checkpoint.size, 100U);
  EXPECT_EQ(sign_checkpoint(checkpoint, signer), note);
}

// A witness adds a line of its own: an unknown key, passed over.
TEST(Note, OtherSignaturesArePassedOver) {
  const Json v = note_vector();
  const auto key = NoteVerifier::parse(std::string(v["vkey"])).value();
  const std::string note = std::string(v["note"]) + std::string(v["cosignature_line"]) + "\n";
  EXPECT_EQ(error_of(note, key), "none");
  EXPECT_EQ(parse_note(note)->signatures.size(), 2U);
  EXPECT_EQ(error_of(note, signer_of("gateway.example/audit", 'x').verifier()), "unknown_signer");
}

// The example of C2SP signed-note.
TEST(Note, ExampleOfTheSpecification) {
  const auto key =
      NoteVerifier::parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
          .value();
  const std::string note =
      "This is an example message.\n\n\u2014 example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
      "\n";
  EXPECT_EQ(open_note(note, {&key, 1}).value(), "This is an example message.\n");
}

TEST(Note, EveryChangedByteIsRefused) {
  const auto signer = signer_of("log", 'a');
  const std::string note = sign_note("one\ntwo\n", signer);
  ASSERT_EQ(error_of(note, signer.verifier()), "none");
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string changed = note;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(error_of(changed, signer.verifier()), "none") << i;
    EXPECT_NE(error_of(note.substr(0, i), signer.verifier()), "none") << i;
  }
}

TEST(Note, AWrongSignatureByAKnownKeyIsNotOutvoted) {
  const auto signer = signer_of("log", 'a');
  const std::string right = sign_note("text\n", signer);
  const std::string wrong = sign_note("other\n", signer);
  const std::string line = wrong.substr(wrong.rfind("\u2014"));
  EXPECT_EQ(error_of(right + line, signer.verifier()), "wrong_signature");
}

TEST(Note, MalformedNotes) {
  const auto key = signer_of("log", 'a').verifier();
  const std::string dash = "\u2014 ";
  const std::string good = sign_note("t\n", signer_of("log", 'a'));
  const std::string table[] = {"",
                               "t\n",
                               "t\n\n",
                               "t\n" + dash + "log AAAAAAA=\n",
                               "t\n\nlog AAAAAAA=\n",
                               "t\n\n" + dash + "log\n",
                               "t\n\n" + dash + "log AAAA\n",
                               "t\n\n" + dash + " AAAAAAA=\n",
                               "t\n\n" + dash + "l+g AAAAAAA=\n",
                               "t\n\n" + dash + "log not-base64\n",
                               "t\n\n" + dash + "log AAAAAAA=",
                               "\x01\n" + good.substr(2),
                               "\xff\n" + good.substr(2),
                               good + "\n",
                               std::string("t\0\n", 3) + good.substr(2)};
  for (const std::string& note : table) EXPECT_EQ(error_of(note, key), "malformed_note") << note;
}

TEST(Note, Bounds) {
  const auto signer = signer_of("log", 'a');
  const std::string note = sign_note("t\n", signer);
  const std::string line = note.substr(3);
  std::string many = "t\n\n";
  for (std::size_t i = 0; i < note_signatures_max; ++i) many += line;
  EXPECT_EQ(error_of(many, signer.verifier()), "none");
  EXPECT_EQ(error_of(many + line, signer.verifier()), "malformed_note");
  const std::string longest(note_bytes_max - line.size() - 2, 'a');
  EXPECT_EQ(error_of(sign_note(longest + "\n", signer), signer.verifier()), "none");
  EXPECT_EQ(error_of(sign_note(longest + "a\n", signer), signer.verifier()), "malformed_note");
}

TEST(Note, KeysRoundTripAndMalformedKeysAreRefused) {
  const auto signer = NoteSigner::generate("gateway.example/审计").value();
  EXPECT_EQ(NoteSigner::parse(signer.skey())->verifier().vkey(), signer.verifier().vkey());
  EXPECT_EQ(NoteVerifier::parse(signer.verifier().vkey())->key_id(), signer.verifier().key_id());
  const std::string vkey = signer_of("log", 'a').verifier().vkey();
  for (std::size_t i = 0; i < vkey.size(); ++i)
    EXPECT_FALSE(NoteVerifier::parse(vkey.substr(0, i)));
  EXPECT_FALSE(NoteVerifier::parse("other" + vkey.substr(3)));  // the id binds the name
  for (const char* name : {"", "a b", "a+b", "a\nb", "a\u00a0b", "\xff"})
    EXPECT_FALSE(NoteSigner::generate(name));
}

TEST(Checkpoint, TextRoundTrips) {
  const Checkpoint checkpoint{"o", 18446744073709551615ULL, empty_root()};
  EXPECT_EQ(parse_checkpoint(checkpoint_text(checkpoint)).value(), checkpoint);
  EXPECT_EQ(parse_checkpoint(checkpoint_text(checkpoint) + "extension\n").value(), checkpoint);
}

TEST(Checkpoint, MalformedTexts) {
  const std::string root = core::to_base64(core::as_text(empty_root()));
  const std::string table[] = {"",
                               "o\n",
                               "o\n1\n",
                               "o\n1\n" + root,
                               "\n1\n" + root + "\n",
                               "o\n01\n" + root + "\n",
                               "o\n-1\n" + root + "\n",
                               "o\n+1\n" + root + "\n",
                               "o\n 1\n" + root + "\n",
                               "o\n1x\n" + root + "\n",
                               "o\n\n" + root + "\n",
                               "o\n18446744073709551616\n" + root + "\n",
                               "o\n1\n" + root.substr(4) + "\n",
                               "o\n1\n" + core::to_base64(std::string(33, 'x')) + "\n",
                               "o\n1\n" + root + "\n\n",
                               "o\n1\n" + root + "\ncut"};
  for (const std::string& text : table) {
    const auto parsed = parse_checkpoint(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "malformed_checkpoint");
  }
}

TEST(Checkpoint, AHeadOfAnotherLogIsRefused) {
  const auto signer = signer_of("log", 'a');
  const std::string note = sign_checkpoint({"another", 1, empty_root()}, signer);
  EXPECT_EQ(open_checkpoint(note, signer.verifier()).error().code, "wrong_origin");
}

TEST(Checkpoint, PublishedFilesAreSplitAtEveryCut) {
  const auto signer = signer_of("log", 'a');
  std::vector<std::string> notes;
  std::string file;
  for (std::uint64_t size = 0; size < 3; ++size) {
    notes.push_back(sign_checkpoint({"log", size, empty_root()}, signer));
    file += notes.back() + "\n";
  }
  EXPECT_EQ(split_published(file).notes, notes);
  EXPECT_EQ(split_published(file).fragments, 0U);
  for (std::size_t cut = 0; cut < file.size(); ++cut) {
    // A crash cuts the file; the next start ends the fragment and goes on.
    const std::string resumed = file.substr(0, cut) + "\n\n" + notes[2] + "\n";
    const PublishedNotes split = split_published(resumed);
    EXPECT_EQ(split.notes.back(), notes[2]) << cut;
    EXPECT_LE(split.fragments, 2U) << cut;  // a text, and the first bytes of a signature line
    const std::size_t whole = cut / (file.size() / 3);
    EXPECT_GE(split.notes.size(), whole + 1) << cut;
    for (const std::string& note : split.notes)
      EXPECT_EQ(std::ranges::count(notes, note), 1) << cut;
  }
}

}  // namespace
}  // namespace menshen::audit
