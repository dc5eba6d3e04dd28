#include "audit/keys.h"

#include "audit/layout.h"
#include "audit/checkpoint.h"
#include "audit/lines.h"
#include "audit/reader.h"
#include "core/digest.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::size_t key_file_bytes_max = 4096;
constexpr std::size_t ring_file_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t commitment_key_bytes = 32;

core::Error config_error(const char* code, std::string message, const std::filesystem::path& path) {
  return core::gateway_error(core::ErrorKind::invalid_config, code, std::move(message),
                             path.string());
}

core::Error placed(core::Error error, const std::filesystem::path& path) {
  error.where = path.string();
  return error;
}

core::Error missing(const std::filesystem::path& path, const char* otherwise = "") {
  return config_error("audit_key_missing",
                      std::string("The directory holds a log, but this key of it is gone. Restore "
                                  "the file from a backup") +
                          otherwise + ".",
                      path);
}

std::string without_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

core::Result<LogSigner> open_token(const TokenKey& key, const std::string& origin) {
  auto opened = Token::open(key, origin);
  if (!opened) return opened.error();
  const std::shared_ptr<Token> token = std::move(*opened);
  return LogSigner{token->verifier(), [token](std::string_view text) { return token->sign(text); }};
}

core::Result<LogSigner> make_signer(const std::filesystem::path& path, const std::string& origin) {
  auto made = NoteSigner::generate(origin);
  if (!made) return placed(made.error(), path);
  const auto written = write_durably(path, made->skey() + "\n", 0600);
  if (!written) return written.error();
  return signer_of(std::move(*made));
}

core::Result<std::vector<LogSigner>> load_or_make_signers(const std::filesystem::path& path,
                                                          const std::string& origin,
                                                          const std::optional<TokenKey>& token,
                                                          bool begun) {
  std::vector<LogSigner> signers;
  auto in_file = load_signers(path);
  if (!in_file) return in_file.error();
  for (NoteSigner& signer : in_file->value_or(std::vector<NoteSigner>{}))
    signers.push_back(signer_of(std::move(signer)));
  if (token) {
    auto signer = open_token(*token, origin);
    if (!signer) return signer.error();
    signers.push_back(std::move(*signer));
  }
  if (!signers.empty()) return signers;
  if (begun) return missing(path, ", or name the token that has the key (audit.token)");
  auto made = make_signer(path, origin);
  if (!made) return made.error();
  signers.push_back(std::move(*made));
  return signers;
}

core::Result<std::string> load_or_make_commitment_key(const std::filesystem::path& path,
                                                      bool begun) {
  const auto content = read_file(path, key_file_bytes_max);
  if (!content) return content.error();
  if (!*content) {
    if (begun) return missing(path);
    std::string made = core::random_bytes(commitment_key_bytes);
    const auto written = write_durably(path, core::to_hex(made) + "\n", 0600);
    if (!written) return written.error();
    return made;
  }
  const auto key = core::from_hex(without_newline(**content));
  if (key && key->size() == commitment_key_bytes) return *key;
  return config_error("malformed_key", "The key is not of 64 hexadecimal digits.", path);
}

core::Result<void> write_unless_equal(const std::filesystem::path& path,
                                      const std::string& content) {
  const auto there = read_file(path, ring_file_bytes_max);
  if (!there) return there.error();
  if (*there && **there == content) return {};
  return write_durably(path, content, 0644);
}

// Whether the log's first head is the key's; of none that is known, it is.
bool signed_first(const std::filesystem::path& directory, const NoteVerifier& key) {
  const auto begin = read_part(directory / layout::heads, 0, note_bytes_max);
  const auto notes = begin && *begin ? split_published(**begin).notes : std::vector<std::string>{};
  const auto note = notes.empty() ? core::Result<Note>(Note{}) : parse_note(notes.front());
  if (!note || note->signatures.empty()) return true;
  return std::ranges::any_of(note->signatures,
                             [&](const NoteSignature& each) { return key.made(each); });
}

core::Result<std::optional<KeyRing>> ring_of_records(const std::filesystem::path& directory,
                                                     const NoteVerifier& otherwise) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  std::optional<KeyRing> ring;
  RecordBatch batch;
  for (std::uint64_t next = 0;; next = batch.records.back().seq + 1) {
    if (const auto read = log->read(next, batch); !read) return read.error();
    if (batch.records.empty()) break;
    for (const RecordBatch::View& stored : batch.records) {
      // These bytes can stand nowhere else, and to parse each record takes ten times as long.
      if (stored.body.find("\"type\":\"key\"") == stored.body.npos) continue;
      const auto parsed = parse_record(stored.body);
      if (!parsed || parsed->record.type != RecordType::key) continue;
      auto keys = parse_keys_in_force(parsed->record.keys);
      auto former = parse_keys_in_force(parsed->record.keys_former);
      if (!keys || !former) return (!keys ? keys : former).error();
      if (!ring) ring.emplace(std::move(former->front()));
      if (!ring->change(stored.seq + 1, std::move(*keys))) return ring;
    }
  }
  return ring ? ring : std::optional(KeyRing(otherwise));
}

// One key at least has signed the log so far, or the new ones are somebody else's; and the key that
// is shown is one of the log's.
core::Result<void> check_together(const std::filesystem::path& directory, const LogKeys& keys) {
  const auto shown = load_verifier(directory / layout::verifier_key);
  if (!shown && shown.error().kind != core::ErrorKind::not_found) return shown.error();
  const auto& last = keys.ring.last();
  for (const LogSigner& signer : keys.signers) {
    const bool signs = std::ranges::find(last, signer.verifier) != last.end();
    if (signs || !keys.ring.knows(signer.verifier)) continue;
    return config_error("key_retired",
                        "The key " + key_id_of(signer.verifier) +
                            " was retired and does not sign this log again: an older copy of "
                            "audit.key was put back, or audit.token names it.",
                        directory);
  }
  const bool goes_on = std::ranges::any_of(keys.signers, [&](const LogSigner& signer) {
    return std::ranges::find(last, signer.verifier) != last.end();
  });
  if (goes_on && (!shown || keys.ring.knows(*shown))) return {};
  return config_error("wrong_key",
                      "The files audit.key, audit.vkey and audit.keys, and the token where one is "
                      "named, are not of one log: the keys that would sign are none that signed it "
                      "so far. Restore them from a backup.",
                      directory);
}

}  // namespace

std::vector<NoteVerifier> LogKeys::verifiers() const {
  std::vector<NoteVerifier> out;
  for (const LogSigner& signer : signers) out.push_back(signer.verifier);
  return out;
}

std::optional<Record> LogKeys::change(std::int64_t wall_ns) const {
  const auto now = verifiers();
  if (now == ring.last()) return std::nullopt;
  Record record;
  record.type = RecordType::key;
  record.wall_ns = wall_ns;
  record.keys = vkeys_of(now);
  record.keys_former = vkeys_of(ring.last());
  record.note = now.size() > 1 ? "The signing key is being replaced: both keys sign."
                               : "A signing key was retired.";
  return record;
}

core::Result<std::optional<std::vector<NoteSigner>>> load_signers(
    const std::filesystem::path& path) {
  const auto content = read_file(path, key_file_bytes_max);
  if (!content) return content.error();
  if (!*content) return std::optional<std::vector<NoteSigner>>{};
  std::vector<NoteSigner> signers;
  std::vector<std::string> vkeys;
  std::string text = without_newline(**content) + "\n";
  for (std::string_view rest = text; !rest.empty();) {
    auto signer = NoteSigner::parse(*take_line(rest));
    if (!signer) return placed(signer.error(), path);
    vkeys.push_back(signer->verifier().vkey());
    signers.push_back(std::move(*signer));
  }
  if (const auto together = parse_keys_in_force(vkeys); !together)
    return placed(together.error(), path);
  return std::optional(std::move(signers));
}

core::Result<NoteVerifier> load_verifier(const std::filesystem::path& path, Named named) {
  const auto content = read_file(path, note_bytes_max, named);
  if (!content) return content.error();
  if (!*content) {
    return core::gateway_error(core::ErrorKind::not_found, "no_verifier_key",
                               "There is no key to verify the log with.", path.string());
  }
  std::string vkey = **content;
  while (vkey.ends_with('\n')) vkey.pop_back();
  auto key = NoteVerifier::parse(vkey);
  if (!key) return placed(key.error(), path);
  return key;
}

core::Result<std::optional<KeyRing>> load_ring(const std::filesystem::path& path) {
  const auto content = read_file(path, ring_file_bytes_max);
  if (!content) return content.error();
  if (!*content) return std::optional<KeyRing>{};
  auto ring = KeyRing::parse(**content);
  if (!ring) return placed(ring.error(), path);
  return std::optional(std::move(*ring));
}

NoteVerifier first_key(const std::filesystem::path& directory, const NoteVerifier& key) {
  const auto ring = recorded_ring(directory);
  return ring && *ring && (*ring)->knows(key) ? (*ring)->changes().front().keys.front() : key;
}

core::Result<std::optional<KeyRing>> recorded_ring(const std::filesystem::path& directory) {
  auto ring = load_ring(directory / layout::verifier_keys);
  if (!ring || *ring) return ring;
  auto shown = load_verifier(directory / layout::verifier_key);
  if (shown && signed_first(directory, *shown)) return std::optional(KeyRing(std::move(*shown)));
  if (shown) return ring_of_records(directory, *shown);
  if (shown.error().kind != core::ErrorKind::not_found) return shown.error();
  return ring;
}

core::Result<LogKeys> load_or_make_keys(const std::filesystem::path& directory,
                                        const std::string& origin,
                                        const std::optional<TokenKey>& token, bool begun) {
  auto signers = load_or_make_signers(directory / layout::signing_key, origin, token, begun);
  if (!signers) return signers.error();
  auto commitment_key = load_or_make_commitment_key(directory / layout::commitment_key, begun);
  if (!commitment_key) return commitment_key.error();
  auto recorded = recorded_ring(directory);
  if (!recorded) return recorded.error();
  KeyRing ring = *recorded ? std::move(**recorded) : KeyRing(signers->front().verifier);
  const auto age = [&](const LogSigner& signer) {
    return std::ranges::find(ring.last(), signer.verifier) - ring.last().begin();
  };
  std::ranges::stable_sort(*signers, {}, age);
  LogKeys keys{std::move(*signers), std::move(ring), std::move(*commitment_key)};
  for (const std::string& name :
       {keys.signers.front().verifier.name(), keys.ring.last()[0].name()}) {
    if (name == origin) continue;
    return config_error("wrong_origin",
                        "The log in this directory was begun as \"" + name +
                            "\" and cannot go on as \"" + origin + "\".",
                        directory);
  }
  const auto together = parse_keys_in_force(vkeys_of(keys.verifiers()));
  if (!together) return placed(together.error(), directory / layout::signing_key);
  if (const auto checked = check_together(directory, keys); !checked) return checked.error();
  return keys;
}

core::Result<void> keep_verifiers(const std::filesystem::path& directory, const KeyRing& ring) {
  if (ring.changes().size() > 1) {
    const auto kept = write_unless_equal(directory / layout::verifier_keys, ring.to_text());
    if (!kept) return kept;
  }
  return write_unless_equal(directory / layout::verifier_key, ring.last().back().vkey() + "\n");
}

}  // namespace menshen::audit
