#include "audit/cosignature.h"

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

}  // namespace menshen::audit
