// The file of published heads, as a walk over the log is given it.
#include "audit/head_file.h"

#include "audit/checkpoint.h"
#include "audit/test_support.h"

namespace menshen::audit {
namespace {

// A sync that fails does not say how much has reached the disk, so all of it is appended again.
TEST(HeadFile, GivesOnceWhatWasAppendedTwice) {
  const TemporaryDirectory dir;
  const auto signer = NoteSigner::generate("log").value();
  std::string text;
  for (const std::uint64_t size : {1U, 2U, 3U, 2U, 3U, 4U})
    text += sign_checkpoint({"log", size, leaf_hash(std::to_string(size))}, signer) + "\n";
  write_text(dir.path() / "heads", text);
  std::vector<std::uint64_t> sizes;
  HeadFile file(dir.path() / "heads");
  for (const StoredHead& head : file.from(0, 100).value()) sizes.push_back(head.size);
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

// Nobody appends another head over fewer records: whoever walks meets it.
TEST(HeadFile, GivesAnotherHeadThatStepsBack) {
  const TemporaryDirectory dir;
  const auto signer = NoteSigner::generate("log").value();
  std::string text;
  for (const std::uint64_t size : {1U, 3U, 2U})
    text += sign_checkpoint({"log", size, empty_root()}, signer) + "\n";
  write_text(dir.path() / "heads", text);
  HeadFile file(dir.path() / "heads");
  EXPECT_EQ(file.from(0, 100).value().size(), 3U);
}

// No heads, and heads that cannot be read, are two things.
TEST(HeadFile, WhatCannotBeReadIsAnError) {
  const TemporaryDirectory dir;
  EXPECT_TRUE(HeadFile(dir.path() / "none").from(0, 1).value().empty());
  std::filesystem::create_directory(dir.path() / "heads");
  EXPECT_FALSE(HeadFile(dir.path() / "heads").from(0, 1));
}

}  // namespace
}  // namespace menshen::audit
