// The section `audit`: the log's name and key, and to whom its heads are shown.
#include "core/digest.h"
#include "core/witness_key.h"
#include "proxy/config/keys.h"
#include "proxy/config/reading.h"

#include <algorithm>
#include <set>

namespace menshen::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t witnesses_max = 16;
constexpr std::size_t operator_bytes_max = 128;
constexpr std::size_t typed_key_bytes = 33;  // its type, and the public key
constexpr char witness_key_type = 4;
constexpr std::size_t token_label_bytes_max = 32;
constexpr std::size_t key_label_bytes_max = 128;

Receiver read_receiver(const Reading& reading, const core::YamlMap& map) {
  Receiver out;
  out.url = read_url(map.required("url")).value_or(Url{});
  out.ca = reading.readable_file(map["ca"]);
  if (map.has("ca") && !out.url.tls && !out.url.host.empty())
    map["ca"].error("An authority is given for a URL that does not use https.");
  return out;
}

std::optional<PublishUrl> read_publish_url(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::publish_url);
  if (!map.value().present()) return std::nullopt;
  PublishUrl out{read_receiver(reading, map), std::string(keys::publish_methods[0]), std::nullopt};
  if (const auto method = map["method"].choice(keys::publish_methods))
    out.method = keys::publish_methods[*method];
  out.credential = read_secret(reading, map["credential"]);
  return out;
}

// Two names of one key are one witness.
std::string_view public_key_of(std::string_view key) {
  return key.substr(key.find('+', key.find('+') + 1) + 1);
}

// So that one operator is not two by what nobody sees.
bool names_operator(std::string_view name) {
  return name.size() <= operator_bytes_max && !name.starts_with(' ') && !name.ends_with(' ') &&
         std::ranges::none_of(
             name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// NAME+8 hexadecimal digits+base64; whether the digits belong to it, the log's code says.
bool has_form_of_key(std::string_view key) {
  const std::size_t first = key.find('+');
  const std::size_t second = first == key.npos ? first : key.find('+', first + 1);
  if (second == key.npos || first == 0 || key.size() > core::witness_key_bytes_max) return false;
  const bool plain = std::ranges::all_of(
      key, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; });
  const auto id = core::from_hex(key.substr(first + 1, second - first - 1));
  const auto bytes = core::from_base64(key.substr(second + 1));
  return plain && id && id->size() == 4 && bytes && bytes->size() == typed_key_bytes &&
         bytes->front() == witness_key_type;
}

void read_witness_key(const core::YamlValue& value, LogWitness& out) {
  auto key = value.text();
  if (!key) return;
  if (!has_form_of_key(*key)) {
    value.error("Expected a witness's verifier key, as `menshen witness key` prints it.");
    return;
  }
  out.name = key->substr(0, key->find('+'));
  out.key = std::move(*key);
}

std::optional<LogWitness> read_witness(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::witness);
  if (!map.value().present()) return std::nullopt;
  LogWitness out;
  read_witness_key(map.required("key"), out);
  out.at = read_receiver(reading, map);
  const auto runs = map["operator"].text();
  if (runs && !names_operator(*runs)) {
    map["operator"].error(
        "Expected the name of whoever runs the witness: up to 128 bytes, no control characters, no "
        "blanks at its ends.");
  }
  out.operator_name = runs.value_or(out.name);
  return out;
}

void read_witnesses(const Reading& reading, const core::YamlValue& list, Audit& out) {
  if (!list.present()) return;
  const auto items = list.items();
  if (items.size() > witnesses_max) list.error("More than 16 witnesses.");
  for (const core::YamlValue& item : items) {
    auto witness = read_witness(reading, item);
    if (!witness) continue;
    for (const LogWitness& other : out.witnesses) {
      if (other.name == witness->name) {
        item.error("The witness " + core::quoted_name(witness->name) + " is named twice.");
      } else if (!witness->key.empty() && public_key_of(other.key) == public_key_of(witness->key)) {
        item.error("The witness " + core::quoted_name(witness->name) + " has the key of " +
                   core::quoted_name(other.name) + ": both are one.");
      }
    }
    out.witnesses.push_back(std::move(*witness));
  }
}

// As many operators as there are, unless the file says how many are enough.
void read_quorum(const core::YamlValue& value, Audit& out) {
  std::set<std::string_view> operators;
  for (const LogWitness& witness : out.witnesses) operators.insert(witness.operator_name);
  out.quorum = static_cast<std::uint32_t>(operators.size());
  if (!value.present()) return;
  std::uint32_t quorum = out.quorum;
  read_number(value, 1, witnesses_max, quorum);
  if (quorum > operators.size()) {
    value.error("The witnesses have " + std::to_string(operators.size()) +
                " operators; a quorum of " + std::to_string(quorum) + " is never reached.");
  }
  out.quorum = quorum;
}

// PKCS#11 pads labels of tokens with blanks to 32 bytes.
std::string read_label(const core::YamlValue& value, std::size_t bytes_max) {
  const auto label = value.text();
  if (!label) return {};
  if (label->size() > bytes_max || label->ends_with(' '))
    value.error("Expected a label of up to " + std::to_string(bytes_max) +
                " bytes without a blank at its end.");
  return *label;
}

std::optional<LogToken> read_token(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::token);
  if (!map.value().present()) return std::nullopt;
  LogToken out;
  out.module = reading.readable_file(map.required("module"));
  out.token = read_label(map.required("token"), token_label_bytes_max);
  out.key = read_label(map.required("key"), key_label_bytes_max);
  out.pin = read_pin(reading, map.required("pin"));
  return out;
}

}  // namespace

Audit read_audit(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::audit);
  Audit out;
  if (const auto origin = map["origin"].text()) {
    // A checkpoint's origin is a line, and the name of its signing key (C2SP signed-note).
    const bool plain =
        std::ranges::all_of(*origin, [](char c) { return c > 0x20 && c < 0x7F && c != '+'; });
    if (!plain || origin->size() > 128) {
      map["origin"].error("Expected up to 128 visible ASCII characters without blanks and +.");
    }
    out.origin = *origin;
  }
  out.publish = reading.path(map["publish"]).value_or(fs::path{});
  out.publish_url = read_publish_url(reading, map["publish_url"]);
  read_witnesses(reading, map["witnesses"], out);
  read_quorum(map["quorum"], out);
  out.token = read_token(reading, map["token"]);
  return out;
}

}  // namespace menshen::config
