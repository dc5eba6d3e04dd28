// What the exchanges of one I/O thread share: it lives as long as that thread's gateway and is used
// on it alone. Private to the pipeline.
#pragma once

#include "proxy/pipeline/async.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/listing.h"
#include "proxy/pipeline/own_secrets.h"

#include <cstdint>
#include <memory>
#include <unordered_map>

namespace menshen::pipeline {

struct Exchange;

// Work on a body longer than inline_scan_bytes_max, or on more findings than this, is done beside
// the event loop.
inline constexpr std::size_t inline_findings_max = 1024;

struct Lane {
  Lane(const Services& s, Upstreams& u)
      : services(s), upstreams(u), journal(*s.journal), listings(u, *s.clock, s.listing) {}

  [[nodiscard]] std::int64_t now_ns() const noexcept { return services.clock->monotonic_ns(); }
  // The gateway's own at the target, to be taken out of answers; null: it has none.
  [[nodiscard]] const std::shared_ptr<const OwnSecrets>& secrets_at(const Target& target);

  const Services& services;
  Upstreams& upstreams;
  ScannerPool scanners;  // each exchange has those of its policy's catalog
  JournalPort journal;
  ModelListings listings;

 private:
  std::unordered_map<std::uint32_t, std::shared_ptr<const OwnSecrets>> secrets_;  // by upstream
};

// Runs `work` beside the event loop, in what is left of the exchange's time. An error refuses the
// exchange whatever the policy says of errors.
asio::awaitable<core::Result<void>> run_long(Lane& lane, const Exchange& ex,
                                             const WorkerPool::Work& work);

}  // namespace menshen::pipeline
