#include "audit/witness_store.h"

#include "audit/keys.h"
#include "audit/layout.h"

#include <algorithm>

namespace menshen::audit {
namespace {

constexpr std::size_t key_bytes_max = 4096;
// Of a head's file. What would be longer is not cosigned: no witness could start with it.
constexpr std::size_t head_bytes_max = submission_bytes_max;
// Of a verifier key, as a gateway's configuration takes it.
constexpr std::size_t verifier_key_bytes_max = 512;
constexpr std::int64_t ns_per_second = 1'000'000'000;

core::Error refused(const char* code, std::string message, const std::filesystem::path& path) {
  return core::gateway_error(core::ErrorKind::invalid_config, code, std::move(message),
                             path.string());
}

core::Error damaged_state(const std::string& why, const std::filesystem::path& file) {
  return refused("witness_state_damaged",
                 "This is not the head that the witness cosigned last: " + why +
                     " Restore the file, or ask the log's owner what happened, before it is "
                     "taken away.",
                 file);
}

WitnessAnswer declined(WitnessVerdict verdict, std::string what) {
  return {.verdict = verdict, .what = std::move(what)};
}

// The note with one line for each of the log's own keys that has signed it.
std::string signed_by(const std::vector<NoteVerifier>& keys, const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteVerifier& key : keys) {
    const auto signature = std::ranges::find_if(
        note.signatures, [&](const NoteSignature& each) { return key.made(each); });
    if (signature != note.signatures.end()) out += signature_line(key, signature->signature);
  }
  return out;
}

// The gateways' configurations must take the key too.
core::Result<WitnessSigner> generate_key(std::string name) {
  const bool plain = std::ranges::all_of(
      name, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
  auto signer = WitnessSigner::generate(std::move(name));
  if (!signer) return signer;
  if (plain && signer->verifier().key().vkey().size() <= verifier_key_bytes_max) return signer;
  return core::gateway_error(core::ErrorKind::invalid_config, "malformed_key",
                             "The name of a witness's key may hold up to 458 bytes, and no "
                             "control characters.");
}

core::Result<DirectoryLock> take_witness_lock(const std::filesystem::path& directory) {
  auto lock = DirectoryLock::take(directory);
  if (lock || lock.error().code != "store_locked") return lock;
  core::Error error = lock.error();
  error.message = "Another witness uses this directory. Stop it, or give this one its own.";
  return error;
}

core::Result<WitnessSigner> load_witness_key(const std::filesystem::path& path) {
  const auto content = read_file(path, key_bytes_max);
  if (!content) return content.error();
  if (!*content) {
    return core::gateway_error(core::ErrorKind::not_found, "witness_key_missing",
                               "The directory holds no witness's key: `menshen witness key` makes "
                               "one.",
                               path.string());
  }
  std::string skey = **content;
  while (skey.ends_with('\n')) skey.pop_back();
  auto signer = WitnessSigner::parse(skey);
  if (signer) return signer;
  core::Error error = signer.error();
  error.where = path.string();
  return error;
}

// A tree without records has one root, and every tree continues it.
bool continues(const Submission& submission, const Checkpoint& head, const Hash& last_root) {
  if (submission.older > 0) {
    return verify_consistency(submission.older, head.size, last_root, head.root, submission.proof);
  }
  return submission.proof.empty() && (head.size > 0 || head.root == empty_root());
}

}  // namespace

core::Result<WitnessVerifier> make_witness_key(const std::filesystem::path& directory,
                                               std::string name) {
  const auto signer = generate_key(std::move(name));
  if (!signer) return signer.error();
  const auto made = store::make_directory(directory, evidence_unavailable);
  if (!made) return made.error();
  if (const auto own = check_private(directory); !own) return own.error();
  const auto lock = take_witness_lock(directory);
  if (!lock) return lock.error();
  const std::filesystem::path path = directory / layout::witness_key;
  const auto there = store::exists(path, evidence_unavailable);
  if (!there) return there.error();
  if (*there) {
    return refused("witness_key_there",
                   "The directory has a witness's key; another one would not be the witness that "
                   "logs know.",
                   path);
  }
  WitnessVerifier verifier = signer->verifier();
  const auto written = write_durably(path, signer->skey() + "\n", 0600);
  if (!written) return written.error();
  const auto shown =
      write_durably(directory / layout::witness_verifier_key, verifier.key().vkey() + "\n", 0644);
  if (!shown) return shown.error();
  return verifier;
}

WitnessStore::WitnessStore(DirectoryLock lock, WitnessSigner signer, const core::Clock& clock)
    : lock_(std::move(lock)),
      signer_(std::move(signer)),
      verifier_(signer_.verifier()),
      clock_(clock) {}

core::Result<std::unique_ptr<WitnessStore>> WitnessStore::open(Options options,
                                                               const core::Clock& clock) {
  const auto there = store::exists(options.directory, evidence_unavailable);
  if (!there) return there.error();
  const auto key_file = options.directory / layout::witness_key;
  if (!*there) return load_witness_key(key_file).error();
  if (const auto own = check_private(options.directory); !own) return own.error();
  auto lock = take_witness_lock(options.directory);
  if (!lock) return lock.error();
  auto signer = load_witness_key(key_file);
  if (!signer) return signer.error();
  std::unique_ptr<WitnessStore> store(
      new WitnessStore(std::move(*lock), std::move(*signer), clock));
  for (NoteVerifier& key : options.logs) {
    const std::string name = key.name();
    store->logs_[name].keys.push_back(std::move(key));
  }
  for (auto& [origin, log] : store->logs_) {
    const std::string id = core::to_hex(core::as_text(core::sha256(origin)));
    log.file = options.directory / (id + ".head");
    const auto loaded = store->load(log);
    if (!loaded) return loaded.error();
  }
  return store;
}

core::Result<void> WitnessStore::load(Log& log) const {
  const auto content = read_file(log.file, head_bytes_max);
  if (!content) return content.error();
  if (!*content) return {};
  std::string note = **content;
  if (note.ends_with("\n\n")) note.pop_back();
  const auto text = open_note(note, log.keys);
  if (!text) return damaged_state(text.error().message, log.file);
  const auto head = parse_checkpoint(*text);
  if (!head) return damaged_state(head.error().message, log.file);
  if (head->origin != log.keys.front().name())
    return damaged_state("It is of another log.", log.file);
  const std::vector<Witness> self{{verifier_, {}}};
  const auto own = cosignatures_of(note, self);
  if (!own) return damaged_state(own.error().message, log.file);
  if (own->empty()) return damaged_state("This witness has not signed it.", log.file);
  if (own->front().time > now()) {
    return refused("witness_clock",
                   "The last cosignature is of a later time than the clock shows. Set the clock.",
                   log.file);
  }
  log.last = Kept{head->size, head->root, own->front().time};
  return {};
}

WitnessAnswer WitnessStore::add(std::string_view body) {
  const auto submission = parse_submission(body);
  if (!submission) return declined(WitnessVerdict::malformed, submission.error().message);
  const auto note = parse_note(submission->note);
  const auto head = note ? parse_checkpoint(note->text) : core::Result<Checkpoint>(note.error());
  if (!head) return declined(WitnessVerdict::malformed, head.error().message);
  const auto found = logs_.find(head->origin);
  if (found == logs_.end())
    return declined(WitnessVerdict::unknown_log, "This witness does not know the log.");
  Log& log = found->second;
  const auto opened = open_note(submission->note, log.keys);
  const std::lock_guard lock(mutex_);
  WitnessAnswer answer = opened ? judge(*submission, *head, log)
                                : declined(WitnessVerdict::not_signed, opened.error().message);
  if (answer.verdict == WitnessVerdict::cosigned) answer = cosign(*note, *head, log);
  if (opened && log.last && head->size == log.last->size && head->root != log.last->root) {
    answer.size = head->size;
    answer.contradiction = keep_contradiction(*note, log);
  }
  answer.origin = head->origin;
  return answer;
}

WitnessAnswer WitnessStore::judge(const Submission& submission, const Checkpoint& head,
                                  const Log& log) const {
  if (submission.older > head.size)
    return declined(WitnessVerdict::malformed, "The old size is past that of the checkpoint.");
  const Kept last = log.last.value_or(Kept{0, empty_root(), 0});
  WitnessAnswer answer{.size = last.size};
  if (submission.older != last.size) {
    answer.verdict = WitnessVerdict::other_size;
    answer.what = "Another head was cosigned last.";
  } else if (log.last && head.size == last.size && head.root != last.root) {
    answer.verdict = WitnessVerdict::other_root;
    answer.what = "The head that was cosigned last has the same size and another root.";
  } else if (!continues(submission, head, last.root)) {
    answer.verdict = WitnessVerdict::wrong_proof;
    answer.what = "The proof does not lead from the head that was cosigned last to this one.";
  } else if (now() < last.time) {
    answer.verdict = WitnessVerdict::unavailable;
    answer.what = "The clock stands before the last cosignature.";
  } else {
    answer.verdict = WitnessVerdict::cosigned;
  }
  return answer;
}

WitnessAnswer WitnessStore::cosign(const Note& note, const Checkpoint& head, Log& log) {
  const std::uint64_t time = std::max(now(), log.last ? log.last->time : 0);
  std::string line = signer_.cosign(note.text, time);
  const std::string kept = signed_by(log.keys, note) + line + "\n";
  if (kept.size() > head_bytes_max)
    return declined(WitnessVerdict::malformed, "The checkpoint is too long to be cosigned.");
  auto written = lock_.in_place();
  if (written) written = write_durably(log.file, kept, 0644);
  if (!written) return declined(WitnessVerdict::unavailable, core::to_string(written.error()));
  log.last = Kept{head.size, head.root, time};
  return {.verdict = WitnessVerdict::cosigned, .line = std::move(line), .size = head.size};
}

std::string WitnessStore::keep_contradiction(const Note& note, const Log& log) const {
  std::filesystem::path file = log.file;
  file.replace_extension(".contradiction");
  const auto there = store::exists(file, evidence_unavailable);
  if (!there) return core::to_string(there.error());
  if (*there) return file.string();
  const auto last = read_file(log.file, head_bytes_max);
  if (!last) return core::to_string(last.error());
  auto written = lock_.in_place();
  if (written)
    written = write_durably(file, last->value_or("") + signed_by(log.keys, note) + "\n", 0644);
  return written ? file.string() : core::to_string(written.error());
}

std::uint64_t WitnessStore::now() const noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.wall_ns(), 0) / ns_per_second);
}

}  // namespace menshen::audit
