// FORMAT.md, held to the code: a whole log of eight records with its commitments, heads and frames.
// For the records of released statistics see privacy_record_test.cpp, too.
#include "audit/canonical.h"
#include "audit/checkpoint.h"
#include "audit/corrections.h"
#include "audit/format_page.h"
#include "audit/frame.h"
#include "audit/joined.h"
#include "audit/tiles.h"

#include <gtest/gtest.h>

#include <memory>

namespace menshen::audit {
namespace {

#define EXPECT_SHOWN(text) EXPECT_NE(document().find(text), std::string::npos) << (text)

std::string hex_of(std::string_view bytes) { return core::to_hex(bytes); }
std::string hex_of(const Hash& hash) { return core::to_hex(core::as_text(hash)); }

// The example.

constexpr std::string_view exchange_id = "01a20119-ce2b-7000-8000-0000000000a1";
constexpr std::string_view policy_hash =
    "1f994ef7cf25b56af44d66d0ca74f820c7e8f733e99539c4a81f42517600c516";
constexpr std::string_view configuration_hash =
    "73300871f44c168e7c949de2c750e60c2c9bb8ff530017c5a267234e9cb4db8e";
constexpr std::string_view example_detectors =
    "cn_mobile/2 email/3\nbias/1 grounding/1 injection/1 toxicity/1";
constexpr std::string_view request_body =
    R"({"model":"qwen3-32b","messages":[{"role":"user","content":"Mail zhang.san@corp.example"}]})";
constexpr std::string_view forwarded_body =
    R"({"model":"qwen3-32b","messages":[{"role":"user","content":"Mail [EMAIL]"}]})";
constexpr std::string_view answer_body =
    R"({"id":"chatcmpl-7f3a","model":"qwen3-32b","choices":[{"message":{"role":"assistant",)"
    R"("content":"Done."},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":9,"completion_tokens":2}})";
constexpr std::int64_t began_ns = 1'795'314'798'123'456'789;

std::string example_key() {
  std::string key;
  for (char i = 0; i < 32; ++i) key.push_back(i);
  return key;
}

std::string commitment_to(std::string_view bytes) {
  const core::Digest salt = core::hmac_sha256(example_key(), exchange_id);
  return core::to_base64url(core::as_text(core::sha256_joined({core::as_text(salt), bytes})));
}

std::string pseudonym_of(std::string_view address) {
  const auto code = core::hmac_sha256(example_key(), "client\n" + std::string(address));
  return hex_of(core::as_text(code).substr(0, 8));
}

Record of_process(RecordType type, std::int64_t wall_ns, const char* note) {
  Record r;
  r.type = type;
  r.wall_ns = wall_ns;
  r.gateway = "0.1.0";
  r.policy = policy_hash;
  r.configuration = configuration_hash;
  r.note = note;
  return r;
}

std::string catalog() { return hex_of(core::sha256(example_detectors)).substr(0, 12); }

// Of types start, policy, configuration and state.
Record of_detectors(RecordType type, std::int64_t wall_ns, const char* note) {
  Record r = of_process(type, wall_ns, note);
  r.catalog = catalog();
  r.detectors = example_detectors;
  return r;
}

Record example_intent() {
  Record r;
  r.type = RecordType::intent;
  r.wall_ns = began_ns;
  r.policy = policy_hash.substr(0, policy_digits);
  r.exchange = exchange_id;
  r.subject = "alice";
  r.subject_kind = "user";
  r.groups = {"finance", "审计"};
  r.credential = "7k2p0x9h3m";
  r.application = "expenses";
  r.client = pseudonym_of("192.0.2.7");
  r.method = "POST";
  r.path = "/v1/chat/completions";
  r.api = "openai_chat";
  r.operation = "chat";
  r.model = "qwen3-32b";
  r.access_rule = "finance-inside";
  r.upstream = "core";
  r.upstream_model = "qwen3-32b";
  r.zone = "internal";
  r.attempts = 1;
  r.decision = "redact";
  r.request_bytes = request_body.size();
  r.request_commitment = commitment_to(request_body);
  r.forwarded_commitment = commitment_to(forwarded_body);
  r.targets_denied = {"cloud: (default)"};
  return r;
}

Record example_outcome() {
  Record r = example_intent();
  r.type = RecordType::outcome;
  r.catalog = catalog();
  r.rules = {{"pii-in", "redact", true, 1}, {"tone", "deny", false, 1, {{"toxicity", 1}}}};
  r.findings_request = {{"email", 1, "redact", 95, "user", {0}}};
  r.scores_request = {{"injection", 0.0123F}};
  r.scores_response = {{"grounding", 0.93F}, {"toxicity", 0.81F}};
  r.scanned_bytes = 32;
  r.scanned_segments = 2;
  r.answer_id = "chatcmpl-7f3a";
  r.finish = {"stop"};
  r.status = r.upstream_status = 200;
  r.complete = true;
  r.response_bytes = answer_body.size();
  r.input_tokens = 9;
  r.output_tokens = 2;
  r.duration_us = 41'250;
  r.upstream_wait_us = 39'800;
  r.response_commitment = commitment_to(answer_body);
  r.released_commitment = commitment_to(answer_body);
  refer(r, 2, example_intent());
  return r;
}

Record example_correction() {
  Record r;
  r.type = RecordType::correction;
  r.wall_ns = began_ns + 10'004'000'000;
  r.exchange = exchange_id;
  r.decision = "error";
  r.status = 503;
  r.error = "evidence_unavailable";
  r.error_source = "gateway";
  r.note = "Record 3 says 200, but its commit was not confirmed in time.";
  return r;
}

Record example_refusals() {
  Record r;
  r.type = RecordType::refusals;
  r.wall_ns = began_ns + 20'000'000'000;
  r.policy = policy_hash.substr(0, policy_digits);
  r.client = pseudonym_of("198.51.100.23");
  r.duration_us = 8'200'000;
  r.refusals = {{"invalid_api_key", 40}, {"missing_api_key", 2}};
  return r;
}

Record example_publishing() {
  const core::Error error = core::gateway_error(core::ErrorKind::unavailable,
                                                "evidence_unavailable", "The disk is full.");
  return publishing_record(error, began_ns + 30'000'000'000);
}

Record example_clock() {
  Record r;
  r.type = RecordType::clock;
  r.wall_ns = 1'795'996'800'000'000'000;
  r.privacy = std::make_shared<const PrivacyEntry>(PrivacyEntry{.day = "2026-11-30"});
  return r;
}

Record example_credential() {
  Record r;
  r.type = RecordType::credential;
  r.wall_ns = began_ns - 120'000'000'000;
  r.credential = "c0n4v8qz2r";
  r.subject = "alice";
  r.subject_kind = "user";
  r.groups = {"finance", "审计"};
  r.change = std::make_shared<const KeyChangeEntry>(
      KeyChangeEntry{.action = "rotated",
                     .expires = "2027-11-22T02:31:18.123456789Z",
                     .number = 17,
                     .replaces = "7k2p0x9h3m",
                     .retires = "2026-11-23T02:31:18.123456789Z"});
  return r;
}

Record example_state() {
  Record r = of_detectors(RecordType::state, 1'795'320'662'123'456'789, "What is in force.");
  r.credential = "c0n4v8qz2r";
  r.change = std::make_shared<const KeyChangeEntry>(KeyChangeEntry{.number = 17});
  return r;
}

Record example_scores() {
  Record r;
  r.type = RecordType::scores;
  r.wall_ns = began_ns + 41'000'000;
  r.exchange = exchange_id;
  r.catalog = catalog();
  r.sampled_per_million = 10'000;
  r.scores_request = {{"bias", 0.0F}, {"toxicity", 0.0312F}};
  r.scores_response = {{"bias", 0.014F}};
  return r;
}

NoteSigner signer_of_seed(std::string_view digits) {
  const std::string seed = *core::from_hex(digits);
  std::array<std::uint8_t, 32> bytes{};
  std::copy(seed.begin(), seed.end(), bytes.begin());
  return NoteSigner::from_seed("gateway.example/audit", bytes).value();
}

// Seeds of RFC 8032's first two tests.
NoteSigner example_signer() {
  return signer_of_seed("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
}
NoteSigner next_signer() {
  return signer_of_seed("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
}

Record example_key_change() {
  Record r;
  r.type = RecordType::key;
  r.wall_ns = 1'796'083'200'000'000'000;
  r.keys_former = {example_signer().verifier().vkey()};
  r.keys = {r.keys_former[0], next_signer().verifier().vkey()};
  r.note = "The signing key is being replaced: both keys sign.";
  return r;
}

std::vector<std::string> example_bodies() {
  const std::vector<Record> records{
      of_detectors(RecordType::start, began_ns - 60'000'000'000, "The gateway started."),
      of_detectors(RecordType::policy, began_ns - 30'000'000'000, "A policy set came into force."),
      example_intent(),
      example_outcome(),
      example_correction(),
      example_refusals(),
      example_publishing(),
      of_process(RecordType::stop, began_ns + 60'000'000'000, "The gateway stopped.")};
  std::vector<std::string> bodies;
  for (const Record& record : records) bodies.push_back(canonical(record, bodies.size()));
  return bodies;
}

// The segment of the log: a head over nothing, records 0 and 1, 2, 3, and 4 to 7 with a head.
struct ExampleLog {
  Frontier tree;
  std::string segment;
  std::vector<std::string> headers;  // of its frames
  std::vector<std::string> heads;
  std::string hashes;
  std::string entries;

  void write(std::span<const std::string> bodies, bool head) {
    FrameHeader header{.first = tree.size(), .records = static_cast<std::uint32_t>(bodies.size())};
    std::string own_hashes;
    std::string own_entries;
    for (const std::string& body : bodies) {
      tree.append(leaf_hash(body));
      own_hashes.append(core::as_text(leaf_hash(body)));
      append_entry(own_entries, body);
    }
    std::string note;
    if (head) {
      note = sign_checkpoint({"gateway.example/audit", tree.size(), tree.root()}, example_signer());
      heads.push_back(note);
    }
    header.entries_bytes = static_cast<std::uint32_t>(own_entries.size());
    header.note_bytes = static_cast<std::uint32_t>(note.size());
    header.note_check = note_check_of(note);
    header.root = tree.root();
    const auto bytes = encode(header);
    headers.push_back(hex_of(std::string_view(bytes.data(), bytes.size())));
    segment.append(bytes.data(), bytes.size()).append(own_hashes).append(own_entries).append(note);
    hashes += own_hashes;
    entries += own_entries;
  }
};

ExampleLog example_log() {
  const std::vector<std::string> bodies = example_bodies();
  const std::span<const std::string> all(bodies);
  ExampleLog log;
  log.write({}, true);
  log.write(all.subspan(0, 2), false);
  log.write(all.subspan(2, 1), false);
  log.write(all.subspan(3, 1), false);
  log.write(all.subspan(4, 4), true);
  return log;
}

TEST(Format, ShowsTheRecordsOfTheLogWithTheirLeafHashes) {
  for (const std::string& body : example_bodies()) {
    EXPECT_SHOWN("\n" + body + "\n");
    EXPECT_SHOWN(hex_of(leaf_hash(body)));
  }
}

TEST(Format, ShowsThatTheGatewayRunsOnADay) {
  EXPECT_SHOWN("\n" + canonical(example_clock(), 899) + "\n");
}

TEST(Format, ShowsTheScoresOfAnExchangeOfTheSample) {
  EXPECT_SHOWN("\n" + canonical(example_scores(), 901) + "\n");
}

TEST(Format, ShowsWhatCameIntoForceAndWhatIs) {
  const Record configuration = of_detectors(RecordType::configuration, began_ns + 30'000'000'000,
                                            "A configuration came into force.");
  EXPECT_SHOWN("\n" + canonical(configuration, 902) + "\n");
  EXPECT_SHOWN("\n" + canonical(example_state(), 66'439) + "\n");
}

TEST(Format, ShowsAChangeOfAKey) {
  EXPECT_SHOWN("\n" + canonical(example_credential(), 903) + "\n");
}

TEST(Format, ShowsHowAKeyFollowsAnother) {
  const std::string body = canonical(example_key_change(), 1234);
  EXPECT_SHOWN("\n" + body + "\n");
  const std::vector both{signer_of(example_signer()), signer_of(next_signer())};
  const Checkpoint head{"gateway.example/audit", 1235, leaf_hash(body)};
  EXPECT_SHOWN("\n" + sign_checkpoint(head, both).value() + "```");
}

TEST(Format, ShowsWhatCommitmentsAndPseudonymsAreMadeOf) {
  EXPECT_SHOWN(hex_of(example_key()));
  EXPECT_SHOWN(hex_of(core::hmac_sha256(example_key(), exchange_id)));
  for (const std::string_view bytes : {request_body, forwarded_body, answer_body}) {
    EXPECT_SHOWN("\n" + std::string(bytes) + "\n");
    EXPECT_SHOWN(commitment_to(bytes));
  }
  for (const char* address : {"192.0.2.7", "198.51.100.23"}) {
    EXPECT_SHOWN(address);
    EXPECT_SHOWN(pseudonym_of(address));
  }
}

TEST(Format, ShowsTheFramesHeadsAndTilesOfTheLog) {
  const ExampleLog log = example_log();
  for (const std::string& header : log.headers) EXPECT_SHOWN(header);
  for (const std::string& head : log.heads) EXPECT_SHOWN("\n" + head);
  EXPECT_SHOWN(example_signer().verifier().vkey());
  EXPECT_SHOWN(example_signer().skey());
  for (const std::string& bytes : {log.segment, log.entries, log.hashes}) {
    EXPECT_SHOWN(std::to_string(bytes.size()));
    EXPECT_SHOWN(hex_of(core::sha256(bytes)));
  }
}

// The code reads the example as the document says.
TEST(Format, TheExampleIsALog) {
  const ExampleLog log = example_log();
  Frontier tree;
  std::size_t at = 0;
  std::size_t frames = 0;
  for (auto frame = frame_at(log.segment, 0); frame; frame = frame_at(log.segment, at)) {
    EXPECT_TRUE(join(tree, *frame));
    at = frame->end_at();
    ++frames;
  }
  EXPECT_EQ(frames, log.headers.size());
  EXPECT_EQ(tree.size(), 8U);
  EXPECT_EQ(tree.root(), log.tree.root());
  const NoteVerifier key = example_signer().verifier();
  EXPECT_EQ(open_checkpoint(log.heads.back(), key).value().root, tree.root());
}

}  // namespace
}  // namespace menshen::audit
