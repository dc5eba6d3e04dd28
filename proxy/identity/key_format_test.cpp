#include "proxy/identity/key_format.h"

#include <gtest/gtest.h>

#include <set>

namespace menshen::identity {
namespace {

TEST(KeyFormat, GeneratedKeysParse) {
  const auto key = generate_key();
  EXPECT_EQ(key.text.size(), key_size);
  const auto parts = parse_key(key.text);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->id, key.id);
  EXPECT_EQ(parts->secret, key.secret);
}

TEST(KeyFormat, KeysDiffer) {
  std::set<std::string> ids;
  std::set<std::string> secrets;
  for (int i = 0; i < 1000; ++i) {
    const auto key = generate_key();
    ids.insert(key.id);
    secrets.insert(key.secret);
  }
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_EQ(secrets.size(), 1000U);
}

TEST(KeyFormat, EveryChangedCharacterIsMalformedOrAnotherKey) {
  const auto key = generate_key();
  int accepted = 0;
  for (std::size_t i = 0; i < key.text.size(); ++i) {
    std::string changed = key.text;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    accepted += parse_key(changed) ? 1 : 0;
  }
  // 20 bits of checksum: one change in a million passes.
  EXPECT_EQ(accepted, 0);
}

TEST(KeyFormat, RefusesOtherShapes) {
  const auto key = generate_key().text;
  std::string upper = key;
  upper[5] = 'A';
  for (const std::string& text :
       {std::string(), std::string("msk_"), std::string("sk-proj-abc"), key + "x",
        key.substr(0, key.size() - 1), " " + key.substr(1), upper, std::string(key_size, '_'),
        std::string(key_size, '\0'), "xsk_" + key.substr(4)}) {
    EXPECT_FALSE(parse_key(text)) << text;
  }
}

}  // namespace
}  // namespace menshen::identity
