// For tests: counts the steps of every connection that is opened while it lives, and stops those
// that go on for more than steps_max: no reader of a small database has so much to do.
//
//   const StepLimit limit;
//   read_a_damaged_file();
//   ASSERT_TRUE(StepLimit::held());
//
// One at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace menshen::store::testing {

class StepLimit {
 public:
  StepLimit() {
    steps = 0;
    sqlite3_auto_extension(entry());
  }
  ~StepLimit() { sqlite3_cancel_auto_extension(entry()); }
  StepLimit(const StepLimit&) = delete;
  StepLimit& operator=(const StepLimit&) = delete;
  [[nodiscard]] static bool held() { return steps < steps_max; }

 private:
  static constexpr std::uint64_t steps_each = 100;
  static constexpr std::uint64_t steps_max = 2'000'000;
  static inline std::uint64_t steps = 0;

  static int count(void*) {
    steps += steps_each;
    return held() ? 0 : 1;
  }
  static int watch(sqlite3* db, char**, const void*) {
    sqlite3_progress_handler(db, steps_each, count, nullptr);
    return SQLITE_OK;
  }
  static void (*entry())() { return reinterpret_cast<void (*)()>(watch); }
};

}  // namespace menshen::store::testing
