// What the log keeps of an exchange. No prompt, answer, key or matched value: salted commitments
// and counts.
#pragma once

#include "audit/key_change_entry.h"
#include "audit/privacy_entry.h"
#include "core/finding.h"

#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace menshen::audit {

enum class RecordType : std::uint8_t {
  intent,   // before the first byte leaves for the provider
  outcome,  // before the last byte reaches the client; also the one record of an exchange refused
            // earlier, to a caller who was identified
  start,    // the gateway started
  stop,
  policy,         // a policy set came into force
  correction,     // what the client was given, where the outcome in the log says otherwise
  refusals,       // to callers who were not identified: sums over duration_us, by source and error
  clock,          // the gateway runs on this UTC day, or saw its clock set
  charge,         // a day of released statistics was charged to the privacy budget, or refused
  release,        // released statistics
  scores,         // of an exchange of the sample: those that no rule asked for
  key,            // other keys sign the log's heads from here on
  publishing,     // heads cannot be written outside the log any more, or can again
  configuration,  // another configuration came into force
  credential,     // an API key was created, rotated or revoked
  state,          // what is in force, now and then
};

// A rule that fired, and how often. One that did several things is there once for each.
struct FiredRule {
  std::string rule;         // its id; "(default)": the policy's defaults annotate
  std::string action;       // allow, annotate, redact, deny; of shadow: what it would have done
  bool enforced = true;     // false: shadow
  std::uint32_t count = 0;  // 1 goes without saying
  // What it matched: types of findings, kinds of what cannot be read, scores. Of rules in shadow,
  // and of those that annotate; else empty.
  std::map<std::string, std::uint32_t> found = {};
  bool operator==(const FiredRule&) const = default;
};

// Findings of one direction that are alike and met with the same: what a draft of a policy can be
// tried on without any text. Those beyond the groups that a direction may have are summed by type
// and action alone.
struct FindingGroup {
  std::string type;
  std::uint32_t count = 0;
  std::string action = {};       // what was done to them: annotate, redact, deny; empty: nothing
  std::uint32_t confidence = 0;  // in hundredths, rounded down
  std::string role = {};         // of the text
  // Rules that fired for them, also in shadow, by their places in Record::rules.
  std::vector<std::uint32_t> rules = {};
  bool summed = false;  // beyond the groups of a direction, or by a former version: type, action
  bool operator==(const FindingGroup&) const = default;
};
using FindingGroups = std::vector<FindingGroup>;

// Hexadecimal digits by which other records refer to the policy of a start or policy record.
inline constexpr std::size_t policy_digits = 16;

// Fields of a record, by their places in visit_fields (record_fields.h).
using FieldSet = std::bitset<128>;

// Empty strings, zeros, empty lists and absent scores are left out of the canonical form.
struct Record {
  RecordType type = RecordType::outcome;
  std::int64_t wall_ns = 0;
  std::string exchange;  // UUIDv7; intents, outcome and correction share it
  std::string gateway;   // start, stop, policy, configuration, state: version of the binary
  // Of an outcome: the number of its last intent, which says what is left out here (joined.h); 0:
  // it says all itself.
  std::uint64_t intent = 0;
  FieldSet left_out;  // what the outcome does not repeat; no field itself

  // Who, from where, for what
  std::string subject;  // id; of the person, where a service said for whom it calls
  std::string subject_kind;
  std::string actor;                // id of the service that said so; else empty
  std::vector<std::string> groups;  // the credential's
  std::string credential;           // id of the key
  std::string application;          // that the key was made for, as it states; else empty
  std::string client;               // keyed pseudonym of the client's address
  std::string method;               // one of the known methods, or "(unknown)"
  std::string path;                 // one of the known paths, or "(unknown)"
  std::string api;                  // "openai_chat", ...
  std::string operation;
  std::string model;  // as the client named it; "(unlisted)" when no route knows it
  bool stream = false;

  // Where to, under which policy
  // Hash of the policy set: whole in start, stop and policy, else policy_digits of it.
  std::string policy;
  std::string configuration;  // start, stop, policy, configuration, state: its hash
  std::string catalog;  // of outcome, start, policy: stands for the `detectors` of start and policy
  std::string access_rule;
  std::string upstream;
  std::string upstream_model;
  std::string zone;
  std::uint32_t attempts = 0;
  // "UPSTREAM: RULE" of each that serves the model and that a rule denied; RULE is "(default)"
  // where no rule allows it, or the policy's defaults refuse what cannot be read.
  std::vector<std::string> targets_denied;

  // What was found and done
  std::string decision;  // allow, annotate, redact, deny, error
  std::vector<FiredRule> rules;
  FindingGroups findings_request;
  FindingGroups findings_response;
  std::map<std::string, float> scores_request;  // by the score's name
  std::map<std::string, float> scores_response;
  std::uint32_t sampled_per_million = 0;  // scores: the share of exchanges that have such a record
  std::uint64_t scanned_bytes = 0;        // text that detectors read, both ways
  std::uint32_t scanned_segments = 0;
  std::uint32_t opaque_parts = 0;
  std::map<std::string, std::uint32_t> opaque_request;  // by kind; a part may be of several
  std::map<std::string, std::uint32_t> opaque_response;
  // By type: values of the request that were called by pseudonyms, and those of them that the
  // answer named and that were restored in it, each once.
  std::map<std::string, std::uint32_t> pseudonyms;
  std::map<std::string, std::uint32_t> restored;

  // Outcome
  std::uint32_t status = 0;  // of the head sent to the client; 0: he was gone before
  // Where the client is told an error otherwise than by that status, in an open stream, or is gone:
  // what the status would have been.
  std::uint32_t error_status = 0;
  std::uint32_t upstream_status = 0;
  // What the provider says of its answer: an id and a model that could be anything are
  // "(withheld)"; the model is empty where it is upstream_model. Why each choice ended, ascending.
  std::string answer_id;
  std::string answer_model;
  std::vector<std::string> finish;
  std::string error;  // code
  std::string error_source;
  bool complete = false;  // the client was given the whole answer, last bytes included
  std::uint64_t request_bytes = 0;
  // Of the answer, without errors of the gateway's own: what was handed to the client's connection,
  // and what this outcome lets go.
  std::uint64_t response_bytes = 0;
  std::uint64_t input_tokens = 0;  // as the provider counted; 0: it did not say
  std::uint64_t output_tokens = 0;
  std::int64_t duration_us = 0;
  std::int64_t upstream_wait_us = 0;
  std::int64_t first_byte_us = 0;

  // Base64url of SHA-256 of salt ‖ bytes, where salt = HMAC-SHA-256(commitment key, exchange): what
  // was received, what was forwarded to `upstream` as far as any of it may have left, and what was
  // released. The salt of one exchange opens its commitments and no others.
  std::string request_commitment;
  std::string forwarded_commitment;
  std::string response_commitment;
  std::string released_commitment;

  std::map<std::string, std::uint32_t> refusals;  // type refusals: by error code

  std::string note;       // start, stop, policy, clock, key: what happened
  std::string detectors;  // start, policy: versions of detectors and, in a second line, of scores

  // Type key: verifier keys, the newest last, of the heads over this record and more, and of those
  // over fewer.
  std::vector<std::string> keys;
  std::vector<std::string> keys_former;

  std::shared_ptr<const PrivacyEntry> privacy;  // clock, charge, release; otherwise null
  // credential: what happened to the key `credential`. state: the last change that is recorded.
  std::shared_ptr<const KeyChangeEntry> change;

  // What the client was told, by the head's status or in an open stream.
  [[nodiscard]] std::uint32_t told_status() const noexcept {
    return error_status != 0 ? error_status : status;
  }
};

// RFC 8785 canonical JSON of the record as leaf `seq`; at most core::record_bytes_max bytes (long
// lists are cut, with a count of what was left out).
[[nodiscard]] std::string canonical(const Record& record, std::uint64_t seq);

}  // namespace menshen::audit
