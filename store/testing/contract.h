// For tests: a repository's contract as a list of rules, held to every implementation, and itself
// held to implementations that were broken on purpose.
//
//   void keeps_what_it_is_given(const Open<KeyRepository>& open) { EXPECT_...(open()->load()); }
//   const Rule<KeyRepository> rules[] = {{"KeepsWhatItIsGiven", keeps_what_it_is_given}};
//
//   check(rule, open);                      // in a test: its failures are the test's
//   EXPECT_GT(failures_of(rule, open), 0);  // of a broken one: they are counted instead
//
// A second implementation runs the same rules with an `open` of its own.
#pragma once

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>

namespace menshen::store::testing {

// A connection to one place that was empty at first, each time another one: what several processes
// have.
template <class Repository>
using Open = std::function<std::unique_ptr<Repository>()>;

template <class Repository>
struct Rule {
  const char* name;
  void (*body)(const Open<Repository>& open);
};

template <class Repository>
void check(const Rule<Repository>& rule, const Open<Repository>& open) {
  try {
    rule.body(open);
  } catch (const std::exception& error) {
    ADD_FAILURE() << rule.name << ": " << error.what();
  }
}

template <class Repository>
int failures_of(const Rule<Repository>& rule, const Open<Repository>& open) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    check(rule, open);
  }
  int failures = 0;
  for (int i = 0; i < results.size(); ++i)
    failures += results.GetTestPartResult(i).failed() ? 1 : 0;
  return failures;
}

}  // namespace menshen::store::testing
