// How values are redacted: which style wins, and what a mask may keep.
#include "policies/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using core::RedactAs;
using testing::email;
using testing::finding;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Content, MaskWinsOverHashOverTag) {
  const std::string tag = "  - {id: a, find: {types: [email]}, then: {action: redact}}\n";
  const std::string hash =
      "  - {id: b, find: {types: [email]}, then: {action: redact, as: hash}}\n";
  const std::string mask =
      "  - {id: c, find: {types: [email]}, then: {action: redact, as: mask}}\n";
  const auto as = [](const std::string& rules) {
    const core::Subject subject{"alice", core::SubjectKind::user, {}};
    const auto loaded = testing::parse(testing::with_header("content:\n" + rules));
    const auto plan = loaded.set->content({.subject = &subject}, core::Direction::request);
    return plan.decide(finding(email, 1), nullptr).redact_as;
  };
  EXPECT_EQ(as(tag), RedactAs::tag);
  EXPECT_EQ(as(tag + hash), RedactAs::hash);
  EXPECT_EQ(as(hash + tag), RedactAs::hash);
  EXPECT_EQ(as(tag + mask + hash), RedactAs::mask);
  const auto keeping = [](const std::string& id, const std::string& ends) {
    return "  - {id: " + id + ", find: {types: [email]}, then: {action: redact, as: {mask: {" +
           ends + "}}}}\n";
  };
  const std::string much = keeping("d", "head: 3, tail: 4");
  EXPECT_EQ(as(much), core::RedactStyle(3, 4));
  EXPECT_EQ(as(much + tag), RedactAs::tag);
  EXPECT_EQ(as(much + keeping("e", "tail: 4")), core::RedactStyle(0, 4));
  EXPECT_EQ(as(keeping("e", "tail: 4") + keeping("f", "head: 4")), core::RedactStyle(4, 0));
  EXPECT_EQ(as(keeping("z", "head: 4") + keeping("a", "head: 4, tail: 1")),
            core::RedactStyle(4, 0));
}

TEST(Content, AMaskKeepsSomethingAndNothingOfSecrets) {
  const auto faults = [](const std::string& find, const std::string& as) {
    return testing::listed(
        testing::parse(testing::with_header("content:\n  - {id: a, find: {" + find +
                                            "},\n     then: {action: redact, as: " + as + "}}\n")));
  };
  EXPECT_THAT(faults("types: [email]", "{mask: {head: 0}}"),
              HasSubstr("policy.yaml:6:40 content[0].then.as.mask: This mask keeps nothing"));
  EXPECT_THAT(faults("types: [email]", "{mask: {head: 17}}"), HasSubstr("as.mask.head"));
  EXPECT_THAT(faults("types: [email]", "{hash: {}}"), HasSubstr("hash"));
  EXPECT_THAT(faults("types: [email, jwt]", "{mask: {tail: 4}}"),
              HasSubstr("content[0].then.as: Of secrets nothing stays readable, and \"jwt\" is "
                        "one: write `as: mask` in a rule of their own."));
  EXPECT_THAT(faults("categories: [secret]", "{mask: {tail: 4}}"),
              HasSubstr("Of secrets nothing stays readable:"));
  EXPECT_THAT(faults("types: [email]", "{mask: {tail: 4}}"), Not(HasSubstr("error")));
}

}  // namespace
}  // namespace menshen::policies
