#include "proxy/gateway/head_receivers.h"

#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/layout.h"
#include "proxy/net/tls.h"

#include <utility>

namespace menshen::gateway {
namespace {

core::Result<Receiver> receiver_of(const config::Receiver& configured, std::string_view suffix) {
  Receiver out;
  out.target.host = configured.url.host;
  out.target.port = configured.url.port;
  out.path = configured.url.prefix + std::string(suffix);
  if (out.path.empty()) out.path = "/";
  if (!configured.url.tls) return out;
  const net::ClientTls files{.ca = configured.ca};
  auto context = net::make_client_context(files);
  if (!context) return context.error();
  out.target.tls = std::move(*context);
  return out;
}

}  // namespace

core::Result<std::vector<audit::Witness>> witnesses_of(const config::Audit& audit) {
  std::vector<audit::Witness> out;
  for (const config::LogWitness& witness : audit.witnesses) {
    auto verifier = audit::WitnessVerifier::parse(witness.key);
    if (!verifier) {
      core::Error error = verifier.error();
      error.where = "audit.witnesses " + witness.name;
      return error;
    }
    out.push_back({std::move(*verifier), witness.operator_name});
  }
  return out;
}

WitnessedHead read_witnessed(const std::filesystem::path& store,
                             std::span<const audit::Witness> known) {
  const auto text = audit::read_file(store / audit::layout::witnessed, audit::note_bytes_max);
  if (!text || !*text) return {};
  const auto note = audit::parse_note(**text);
  if (!note) return {};
  const auto head = audit::parse_checkpoint(note->text);
  auto found = audit::cosignatures_of(**text, known);
  if (!head || !found) return {};
  return {head->size, std::move(*found)};
}

core::Result<std::vector<std::unique_ptr<WitnessPeer>>> make_witness_peers(
    const config::Audit& audit, std::span<const audit::Witness> known) {
  std::vector<std::unique_ptr<WitnessPeer>> out;
  for (std::size_t i = 0; i < known.size(); ++i) {
    auto to = receiver_of(audit.witnesses[i].at, "/add-checkpoint");
    if (!to) return to.error();
    out.emplace_back(new WitnessPeer{audit.witnesses[i].name,
                                     audit::WitnessSession(known[i].verifier), std::move(*to)});
  }
  return out;
}

core::Result<std::unique_ptr<UrlPeer>> make_url_peer(const config::Audit& audit) {
  if (!audit.publish_url) return std::unique_ptr<UrlPeer>{};
  auto to = receiver_of(audit.publish_url->to, "");
  if (!to) return to.error();
  std::unique_ptr<UrlPeer> out(new UrlPeer{audit.publish_url->method, {}, std::move(*to)});
  out->headers.emplace_back("content-type", "text/plain; charset=utf-8");
  if (const auto& credential = audit.publish_url->credential)
    out->headers.emplace_back("authorization", "Bearer " + credential->reveal());
  return out;
}

}  // namespace menshen::gateway
