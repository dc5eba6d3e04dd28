// Shows the log's newest head to witnesses, and sends it to a URL, on a thread of its own: never in
// the way of an exchange.
//
//   auto sender = HeadSender::make(config.audit, config.store);
//   sender->offer(note);                                  // any thread, does not wait
//   sender->start({.records = ..., .cosigned = ..., .contradicted = ..., .changed = ...});
//   if (const auto agreed = sender->first_round(); !agreed) ...   // an older log was put back
//
// A round asks every witness to cosign the newest head, a second apart at least, and gives the head
// on with the cosignatures of all once a quorum of operators has signed. Who fails is asked again
// after 1, 2, 4 to 60 seconds; the others do not wait for that. A round ends when all have
// answered: within 5 seconds for all witnesses together, and 5 for the URL after them. A witness
// that has signed a history that this log has not ends it: contradicted() is told, and nobody is
// asked any more.
#pragma once

#include "core/error.h"
#include "proxy/admin/metrics.h"
#include "proxy/config/config.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace menshen::gateway {

class HeadSender {
 public:
  // On the sender's thread; none may be empty.
  struct Listener {
    std::function<std::uint64_t()> records;  // that the log has now
    std::function<void(std::string note)> cosigned;
    std::function<void(const core::Error&)> contradicted;
    // Once of each change: an error, it cannot be sent; none, it can again. `witness` is empty for
    // the URL.
    std::function<void(std::string_view witness, const core::Result<void>&)> changed;
  };

  // Null: the configuration names nobody. Errors: invalid_config, "malformed_key", and those of
  // net::make_client_context(). `store`: the log's directory.
  [[nodiscard]] static core::Result<std::unique_ptr<HeadSender>> make(
      const config::Audit& audit, const std::filesystem::path& store);
  ~HeadSender();

  void offer(const std::string& note);
  void start(Listener listener);
  // Waits, for 5 seconds at most, until every witness was asked once. Error: "evidence_tampered".
  [[nodiscard]] core::Result<void> first_round();
  // Waits, for a few seconds at most, until a head over so many records was shown to everybody.
  void finish(std::uint64_t records);
  // Ends what is under way; the listener hears nothing more.
  void stop();

  [[nodiscard]] admin::HeadsState state() const;

 private:
  class Impl;
  explicit HeadSender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::gateway
