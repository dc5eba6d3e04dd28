// Two ways in. Any bytes as a policy file: reading never fails otherwise than by saying so, says
// the same twice, and what loads answers. A random valid set, drawn from the bytes: its rules in
// another order answer the same (law 10).
#include "core/fuzz_canary.h"
#include "policies/random_set.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace menshen::policies;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "policy_fuzz: %s\n", what);
  std::abort();
}

void read_any(std::string_view text) {
  const auto once = testing::parse(text);
  const auto again = testing::parse(text);
  if (testing::listed(once) != testing::listed(again)) fail("two readings differ");
  if ((once.set == nullptr) != (again.set == nullptr)) fail("one of two readings loads");
  if (once.set == nullptr) {
    if (once.diagnostics.empty()) fail("a refusal without a reason");
    return;
  }
  if (once.set->version() != again.set->version()) fail("two versions of one text");
  (void)once.set->run_tests();
  const testing::RandomFacts facts = testing::random_facts([](std::size_t) { return 0U; });
  if (answers(*once.set, facts) != answers(*again.set, facts)) fail("two answers of one text");
}

// Reads numbers from the input; zeros when it is used up.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}
  std::size_t operator()(std::size_t n) {
    if (data_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(data_.front());
    data_.remove_prefix(1);
    return byte % n;
  }

 private:
  std::string_view data_;
};

void reorder(std::string_view data) {
  Bytes bytes(data);
  const testing::Draw draw = [&](std::size_t n) { return bytes(n); };
  testing::RandomSet drawn = testing::random_set(draw, 10);
  const auto set = testing::parse(testing::yaml_of(drawn)).set;
  if (set == nullptr) fail("a valid set does not load");
  const testing::RandomFacts facts = testing::random_facts(draw);
  const std::string before = answers(*set, facts);
  if (menshen::core::fuzz_canary) {
    // The planted bug: of the rules of the file, all but the last are read.
    if (drawn.access.size() > 1) drawn.access.pop_back();
  }
  std::ranges::reverse(drawn.access);
  std::ranges::reverse(drawn.content);
  const auto reversed = testing::parse(testing::yaml_of(drawn)).set;
  if (reversed == nullptr) fail("a valid set does not load in reverse");
  if (before != answers(*reversed, facts)) fail("the order of rules decides");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.starts_with('!')) {
    reorder(input.substr(1));
  } else {
    read_any(input);
  }
  return 0;
}
