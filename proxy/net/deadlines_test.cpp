// Many deadlines with one timer: each fires once, not before its time, and outlives its owner.
#include "proxy/net/deadlines.h"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace menshen::net {
namespace {

namespace asio = boost::asio;

struct Watched final : Deadlines::Entry {
  Watched(Deadlines& owner, std::function<void()> action) : Entry(owner), then(std::move(action)) {}
  void on_deadline() noexcept override {
    ++fired;
    then();
  }
  std::function<void()> then;
  int fired = 0;
};

TEST(Deadlines, FireOnceAndNotBeforeTime) {
  asio::io_context io(1);
  Deadlines deadlines(io.get_executor(), std::chrono::milliseconds(1));
  std::optional<Watched> late;
  Watched soon(deadlines, [&] { late.reset(); });
  Watched disarmed(deadlines, [] {});
  late.emplace(deadlines, [] {});
  const auto began = std::chrono::steady_clock::now();
  soon.expires_after(std::chrono::milliseconds(20));
  late->expires_after(std::chrono::hours(1));
  disarmed.expires_after(std::chrono::milliseconds(1));
  disarmed.never_expires();
  while (soon.fired == 0) io.run_one();
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(20));
  EXPECT_EQ(disarmed.fired, 0);
  EXPECT_FALSE(late);
}

TEST(Deadlines, MayDestroyTheirNeighbours) {
  asio::io_context io(1);
  Deadlines deadlines(io.get_executor(), std::chrono::milliseconds(1));
  int fired = 0;
  std::vector<std::unique_ptr<Watched>> entries;
  for (std::size_t i = 0; i < 5; ++i) {
    entries.push_back(std::make_unique<Watched>(deadlines, [&fired, &entries, i] {
      ++fired;
      for (std::size_t j = 0; j < entries.size(); ++j) {
        if (j != i) entries[j].reset();
      }
    }));
    entries.back()->expires_after(std::chrono::milliseconds(1));
  }
  while (fired == 0) io.run_one();
  EXPECT_EQ(fired, 1);
  entries.clear();
  io.restart();
  io.run();  // without entries there is nothing to wait for
}

}  // namespace
}  // namespace menshen::net
