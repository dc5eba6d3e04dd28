#include "audit/cosignature.h"

#include "core/utf8.h"

#include <algorithm>
#include <set>

namespace menshen::audit {
namespace {

constexpr std::size_t time_bytes = 8;
constexpr std::size_t cosignature_bytes = time_bytes + 64;
constexpr std::uint64_t time_max = (std::uint64_t{1} << 63) - 1;

std::string message_of(std::string_view text, std::uint64_t time) {
  return std::string("cosignature/v1\ntime ")
      .append(std::to_string(time))
      .append("\n")
      .append(text);
}

std::string time_to_bytes(std::uint64_t time) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(time >> shift & 0xff));
  return out;
}

std::uint64_t time_from_bytes(std::string_view bytes) {
  std::uint64_t time = 0;
  for (const char c : bytes.substr(0, time_bytes)) time = time << 8 | static_cast<unsigned char>(c);
  return time;
}

core::Error malformed_witnesses(const std::string& why, std::size_t line) {
  return core::gateway_error(core::ErrorKind::invalid_config, "malformed_witnesses",
                             "Line " + std::to_string(line) + ": " + why);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool plain(std::string_view text) {
  return core::valid_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

// What signs, without the name.
std::string public_key_of(const Witness& witness) {
  const NoteVerifier& key = witness.verifier.key();
  return key.vkey().substr(key.name().size() + std::string_view("+01234567+").size());
}

}  // namespace

core::Result<WitnessVerifier> WitnessVerifier::parse(std::string_view vkey) {
  auto key = NoteVerifier::parse(vkey, KeyType::cosignature);
  if (!key) return key.error();
  return WitnessVerifier(std::move(*key));
}

std::optional<std::uint64_t> WitnessVerifier::time_of(std::string_view text,
                                                      std::string_view signature) const {
  if (signature.size() != cosignature_bytes) return std::nullopt;
  const std::uint64_t time = time_from_bytes(signature);
  // A witness always says when; 0 stands for "at no time".
  if (time == 0 || time > time_max) return std::nullopt;
  if (!key_.verify(message_of(text, time), signature.substr(time_bytes))) return std::nullopt;
  return time;
}

core::Result<WitnessSigner> WitnessSigner::generate(std::string name) {
  auto key = NoteSigner::generate(std::move(name), KeyType::cosignature);
  if (!key) return key.error();
  return WitnessSigner(std::move(*key));
}

core::Result<WitnessSigner> WitnessSigner::parse(std::string_view skey) {
  auto key = NoteSigner::parse(skey, KeyType::cosignature);
  if (!key) return key.error();
  return WitnessSigner(std::move(*key));
}

std::string WitnessSigner::cosign(std::string_view text, std::uint64_t time) const {
  return signature_line(key_.verifier(), time_to_bytes(time) + key_.sign(message_of(text, time)));
}

core::Result<std::vector<Witness>> parse_witnesses(std::string_view text) {
  std::vector<Witness> out;
  std::set<std::string> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
    auto key = WitnessVerifier::parse(line.substr(0, blank));
    if (!key) return key.error();
    const std::string_view runs = trimmed(line.substr(blank));
    Witness witness{std::move(*key), std::string(runs)};
    if (runs.empty()) witness.operator_name = witness.verifier.key().name();
    if (!plain(witness.operator_name))
      return malformed_witnesses("The operator's name is not text.", number);
    if (!keys.insert(public_key_of(witness)).second)
      return malformed_witnesses("The key stands there twice; it is one witness.", number);
    out.push_back(std::move(witness));
  }
  return out;
}

core::Result<std::vector<Cosignature>> cosignatures_of(std::string_view note,
                                                       std::span<const Witness> known) {
  const auto parsed = parse_note(note);
  if (!parsed) return parsed.error();
  std::vector<std::optional<std::uint64_t>> times(known.size());
  for (const NoteSignature& signature : parsed->signatures) {
    const auto witness = std::ranges::find_if(
        known, [&](const Witness& each) { return each.verifier.key().made(signature); });
    if (witness == known.end()) continue;
    const auto time = witness->verifier.time_of(parsed->text, signature.signature);
    if (!time) {
      return core::client_error(core::ErrorKind::invalid_request, "wrong_signature",
                                "The cosignature by " + signature.name + " is wrong.");
    }
    auto& last = times[static_cast<std::size_t>(witness - known.begin())];
    last = std::max(last.value_or(0), *time);
  }
  std::vector<Cosignature> out;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i]) out.push_back({i, *times[i]});
  }
  return out;
}

std::size_t operators_of(std::span<const Cosignature> cosignatures,
                         std::span<const Witness> known) {
  std::set<std::string_view> operators;
  for (const Cosignature& each : cosignatures) operators.insert(known[each.witness].operator_name);
  return operators.size();
}

std::size_t operators_of(std::span<const Witness> known) {
  std::set<std::string_view> operators;
  for (const Witness& each : known) operators.insert(each.operator_name);
  return operators.size();
}

}  // namespace menshen::audit
