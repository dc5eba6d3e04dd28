#include "audit/keys.h"

#include "audit/files.h"
#include "audit/layout.h"
#include "core/digest.h"

namespace menshen::audit {
namespace {

constexpr std::size_t key_file_bytes_max = 4096;
constexpr std::size_t commitment_key_bytes = 32;

core::Error config_error(const char* code, std::string message, const std::filesystem::path& path) {
  return core::gateway_error(core::ErrorKind::invalid_config, code, std::move(message),
                             path.string());
}

core::Error missing(const std::filesystem::path& path) {
  return config_error(
      "audit_key_missing",
      "The directory holds a log, but this key of it is gone. Restore the file from a backup.",
      path);
}

std::string without_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// The content of the file, or what `make` gives, written to it, when there is neither a file nor a
// log that was begun.
template <class Make>
core::Result<std::string> load_or_make(const std::filesystem::path& path, bool begun, Make make) {
  auto content = read_file(path, key_file_bytes_max);
  if (!content) return content.error();
  if (*content) return without_newline(std::move(**content));
  if (begun) return missing(path);
  const core::Result<std::string> made = make();
  if (!made) return made.error();
  const auto written = write_durably(path, *made + "\n", 0600);
  if (!written) return written.error();
  return *made;
}

core::Result<void> write_verifier(const std::filesystem::path& path, const std::string& vkey) {
  const auto content = read_file(path, key_file_bytes_max);
  if (content && *content == vkey + "\n") return {};
  if (content && *content) {
    return config_error("wrong_key", "The file does not belong to the log's signing key.", path);
  }
  return write_durably(path, vkey + "\n", 0644);
}

}  // namespace

core::Result<NoteVerifier> load_verifier(const std::filesystem::path& path) {
  const auto content = read_file(path, note_bytes_max);
  if (!content) return content.error();
  if (!*content) {
    return core::gateway_error(core::ErrorKind::not_found, "no_verifier_key",
                               "There is no key to verify the log with.", path.string());
  }
  std::string vkey = **content;
  while (vkey.ends_with('\n')) vkey.pop_back();
  auto key = NoteVerifier::parse(vkey);
  if (key) return key;
  core::Error error = key.error();
  error.where = path.string();
  return error;
}

core::Result<LogKeys> load_or_make_keys(const std::filesystem::path& directory,
                                        const std::string& origin, bool begun) {
  const auto skey =
      load_or_make(directory / layout::signing_key, begun, [&]() -> core::Result<std::string> {
        const auto signer = NoteSigner::generate(origin);
        if (!signer) return signer.error();
        return signer->skey();
      });
  if (!skey) return skey.error();
  auto signer = NoteSigner::parse(*skey);
  if (!signer) {
    core::Error error = signer.error();
    error.where = (directory / layout::signing_key).string();
    return error;
  }
  if (signer->verifier().name() != origin) {
    return config_error("wrong_origin",
                        "The log in this directory was begun as \"" + signer->verifier().name() +
                            "\" and cannot go on as \"" + origin + "\".",
                        directory);
  }
  const auto hex =
      load_or_make(directory / layout::commitment_key, begun, []() -> core::Result<std::string> {
        return core::to_hex(core::random_bytes(commitment_key_bytes));
      });
  if (!hex) return hex.error();
  const auto commitment_key = core::from_hex(*hex);
  if (!commitment_key || commitment_key->size() != commitment_key_bytes) {
    return config_error("malformed_key", "The key is not of 64 hexadecimal digits.",
                        directory / layout::commitment_key);
  }
  const auto written = write_verifier(directory / layout::verifier_key, signer->verifier().vkey());
  if (!written) return written.error();
  return LogKeys{std::move(*signer), *commitment_key};
}

}  // namespace menshen::audit
