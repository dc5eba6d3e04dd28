// To whom heads of the log are sent, as the configuration names them, and how the calls to each go.
//
//   auto known = witnesses_of(config.audit);
//   auto peers = make_witness_peers(config.audit, *known);
//
// Values of HeadSender's, which says which thread may look at what.
#pragma once

#include "audit/cosignature.h"
#include "audit/witness_session.h"
#include "core/error.h"
#include "proxy/config/config.h"
#include "proxy/http/message.h"
#include "proxy/net/connector.h"

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace menshen::gateway {

// Somebody to whom heads are sent, and how that went.
struct Receiver {
  net::Target target{};
  std::string path{};
  std::string done{};  // of the round's head: the cosignature, or what was sent; empty: not yet
  std::chrono::steady_clock::time_point retry_at{};
  std::chrono::seconds pause{0};
  std::uint64_t failures = 0;
  std::uint64_t successes = 0;
  std::string problem{};  // why the last call failed; empty: it did not
};

struct WitnessPeer {
  std::string name;
  audit::WitnessSession session;
  Receiver to;
  std::uint64_t records = 0;  // of the head that it cosigned last
  boost::asio::cancellation_signal stop{};
};

struct UrlPeer {
  std::string method;
  http::Headers headers;
  Receiver to;
  boost::asio::cancellation_signal stop{};
};

// The witnesses of a configuration, with those who run them. Error: invalid_config "malformed_key".
[[nodiscard]] core::Result<std::vector<audit::Witness>> witnesses_of(const config::Audit& audit);

// What `log/witnessed` in the store says: a head, and who of those known cosigned it. Without a
// head that holds, nobody.
struct WitnessedHead {
  std::uint64_t records = 0;
  std::vector<audit::Cosignature> cosignatures{};
};
[[nodiscard]] WitnessedHead read_witnessed(const std::filesystem::path& store,
                                           std::span<const audit::Witness> known);

// Errors: invalid_config, those of net::make_client_context().
[[nodiscard]] core::Result<std::vector<std::unique_ptr<WitnessPeer>>> make_witness_peers(
    const config::Audit& audit, std::span<const audit::Witness> known);
// Null: there is no URL.
[[nodiscard]] core::Result<std::unique_ptr<UrlPeer>> make_url_peer(const config::Audit& audit);

}  // namespace menshen::gateway
