// What upstreams say which models they have: asked in parallel, within bounds, kept for a while.
// Private to the pipeline.
//
//   ModelListings listings(upstreams, clock, bounds);
//   const auto asked = co_await listings.collect(targets, headers, scanners, names);
//
// One per I/O thread, used on that thread. Memory: names_max names of each upstream. An upstream
// that fails, or takes longer than timeout_ms, is left out, or answers with what it said before,
// for stale_max_ms at most.
#pragma once

#include "core/clock.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/listing_bounds.h"
#include "proxy/pipeline/upstream.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace menshen::pipeline {

class ModelListings {
 public:
  ModelListings(Upstreams& upstreams, const core::Clock& clock, ListingBounds bounds)
      : upstreams_(upstreams), clock_(clock), bounds_(bounds) {}

  // Appends the names that the targets list and in which nothing is found. Gives the number of
  // upstreams that were asked just now. Error: cancelled.
  asio::awaitable<core::Result<std::uint32_t>> collect(std::vector<Target> targets, Headers headers,
                                                       ScannerPool& scanners,
                                                       std::vector<std::string>& names);

 private:
  struct Round;
  struct Entry {
    std::vector<std::string> names;
    std::int64_t listed_ns = 0;  // monotonic; 0: never
    std::int64_t asked_ns = 0;
  };
  using Key = std::pair<std::uint32_t, const protocol::Adapter*>;

  [[nodiscard]] bool is_due(const Target& target, std::int64_t now_ns) const;
  void forget(std::int64_t now_ns);
  asio::awaitable<core::Result<void>> run(std::shared_ptr<Round> round);
  asio::awaitable<void> work(std::shared_ptr<Round> round);
  asio::awaitable<core::Result<std::vector<std::string>>> ask(const Target& target,
                                                              const Headers& headers);
  asio::awaitable<core::Result<std::string>> read(UpstreamCall& call);

  Upstreams& upstreams_;
  const core::Clock& clock_;
  const ListingBounds bounds_;
  std::map<Key, Entry> entries_;
};

}  // namespace menshen::pipeline
