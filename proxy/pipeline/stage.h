// One stage of an exchange: what it does before the answer, to each piece of it, and after all.
//
//   class Counted : public Stage {                           // one object per exchange
//    public:
//     explicit Counted(Lane& lane) : lane_(lane) {}
//     Step before(Exchange& ex) override;                    // an error refuses
//     Pending piece(Exchange& ex, Piece& piece) override;
//     Pending after(Exchange& ex, Ending& ending) override;
//     ...                                                    // what it owns, freed with it
//   };
//   constinit const StageKind counted = stage_kind<Counted>("counted");
//
// The order stands in gateway.cpp. before() and piece() run in that order, after() in reverse.
// after() runs for each stage whose before() was begun, whatever ended the exchange: the answer's
// end, an error, an exception, a cancelled coroutine or a client that is gone. It cannot be
// cancelled. A stage reads of the exchange what earlier ones have written (exchange.h), and in
// after() what later ones have.
//
// One thread; the exchange and the lane outlive the object.
#pragma once

#include "core/error.h"
#include "proxy/pipeline/gateway.h"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace menshen::pipeline {

struct Examined;
struct Exchange;
struct Lane;

// Of the answer, on its way from the provider to the client. Each stage changes it for the next;
// after an error too, because what was released before it still leaves.
struct Piece {
  std::string_view bytes;            // as the provider sent them; empty: there are no more
  std::string leaving;               // of a stream: leaves now
  std::string last;                  // leaves when the outcome is durable
  bool end = false;                  // no piece follows
  std::optional<core::Error> error;  // ends the exchange behind this piece
  Examined* examined = nullptr;      // what is known of the whole answer so far

  void fail(core::Error e) {
    if (!error) error = std::move(e);
  }
};

// What is left to wait for; none: it is done, and no coroutine was made. Most stages of most
// exchanges wait for nothing, and a coroutine costs them more than their work.
using Pending = std::optional<asio::awaitable<void>>;

// What before() came to, or what is left to wait for until it has.
using Step = std::variant<core::Result<void>, asio::awaitable<core::Result<void>>>;

// How an exchange ended, as far as its stages have told.
struct Ending {
  std::optional<core::Error> error;
  bool broken = false;    // something failed at the exit: nothing more may leave
  bool recorded = false;  // its outcome is durable
};

class Stage {
 public:
  Stage() = default;
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  virtual Step before(Exchange&) { return {}; }
  virtual Pending piece(Exchange&, Piece&) { return std::nullopt; }
  virtual Pending after(Exchange&, Ending&) { return std::nullopt; }
};

// Where the stages of one exchange stand.
using Memory = std::pmr::monotonic_buffer_resource;

// A stage's class, as the order has it. What it leaves out is never called.
struct StageKind {
  std::string_view name;
  bool has_before;
  bool has_piece;
  bool has_after;
  std::size_t bytes;
  Stage* (*make)(Lane&, Memory&);  // to be destroyed, not deleted
};

template <class S>
constexpr StageKind stage_kind(std::string_view name) {
  // A member that S does not declare is the base's.
  return {name,
          !std::is_same_v<decltype(&S::before), decltype(&Stage::before)>,
          !std::is_same_v<decltype(&S::piece), decltype(&Stage::piece)>,
          !std::is_same_v<decltype(&S::after), decltype(&Stage::after)>,
          sizeof(S),
          [](Lane& lane, Memory& memory) -> Stage* {
            return std::pmr::polymorphic_allocator<>(&memory).new_object<S>(lane);
          }};
}

// What an exchange turns out to be, once its path is known.
enum class Course : std::uint8_t { inference, listing };

struct StageRow {
  const StageKind* kind;
  std::optional<Course> course;  // absent: of every exchange
  std::string_view reason;       // why it stands where it stands
};

}  // namespace menshen::pipeline
