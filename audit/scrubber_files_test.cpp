// What is read again beside bundles and tiles: files of keys and heads, texts of policies, and what
// somebody has put into the place of a file.
#include "audit/checkpoint.h"
#include "audit/key_rotation.h"
#include "audit/scrubber_testing.h"
#include "audit/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Scrubber, KnowsTheKeysOfHeadsBehindTheLastBundle) {
  TemporaryDirectory dir;
  fill(*open_journal(dir.path()), 300);
  ASSERT_TRUE(rotate_key(dir.path()));
  // The record of the second key is in no bundle, and some heads of both are not either.
  for (int i = 0; i < 3; ++i) fill(*open_journal(dir.path()), 2, 300 + 2 * i);
  Scrubbed gateway(dir.path());
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), IsEmpty());
  const NoteSigner enemy = NoteSigner::generate("menshen/audit").value();
  const fs::path checkpoint = dir.path() / layout::checkpoint;
  const fs::path heads = dir.path() / layout::heads;
  std::size_t told = 0;
  for (const fs::path& file :
       {checkpoint, heads, dir.path() / layout::verifier_key, dir.path() / layout::verifier_keys}) {
    SCOPED_TRACE(file.string());
    const std::string good = read_text(file);
    const std::string note = sign_checkpoint({"menshen/audit", 600, Hash{}}, enemy);
    if (file == heads) {
      put(file, good.substr(0, good.rfind("menshen/audit\n")) + note + "\n");
    } else {
      put(file, file == checkpoint ? note : enemy.verifier().vkey() + "\n");
    }
    gateway.whole_walk();
    ASSERT_EQ(gateway.told().size(), ++told);
    EXPECT_THAT(gateway.told().back(), HasSubstr("head_signature: "));
    put(file, good);
    gateway.whole_walk();
    gateway.whole_walk();
    ASSERT_EQ(gateway.told().size(), ++told);
    EXPECT_EQ(gateway.told().back(), "intact");
  }
}

// A pipe that nobody writes to would hold whoever reads it, and a gateway that is to end.
TEST(Scrubber, WhatIsNoFileHoldsNobody) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  append_all(*open_journal(dir.path()), {of_policy(RecordType::start)});
  fill(*open_journal(dir.path()), 300);
  const auto pipe = [](const fs::path& at) { ASSERT_EQ(::mkfifo(at.c_str(), 0600), 0); };
  const auto folder = [](const fs::path& at) { fs::create_directory(at); };
  const auto endless = [](const fs::path& at) { fs::create_symlink("/dev/zero", at); };
  const auto circle = [](const fs::path& at) { fs::create_symlink(at, at); };
  const std::function<void(const fs::path&)> all[] = {pipe, folder, endless, circle};
  const fs::path log = dir.path() / "log";
  for (const fs::path& file :
       {log / bundle_path(0), log / bundle_path(1), log / tile_path(0, 1), policy_file(dir.path()),
        dir.path() / layout::heads, dir.path() / layout::checkpoint, dir.path() / layout::witnessed,
        dir.path() / layout::verifier_key, dir.path() / layout::verifier_keys}) {
    for (const auto& put_there : all) {
      SCOPED_TRACE(file.string());
      Scrubbed gateway(dir.path());
      const bool stood = fs::exists(file);
      if (stood) fs::rename(file, dir.path() / "away");
      put_there(file);
      while (gateway.told().empty()) std::this_thread::yield();
      const auto report = verify(dir.path());
      // Of a log with one key, nobody needs it.
      EXPECT_EQ(report && report->ok(), file.filename() == layout::verifier_keys);
      fs::remove(file);
      if (stood) fs::rename(dir.path() / "away", file);
    }
  }
}

std::vector<std::string> kinds_of(const fs::path& directory) {
  std::vector<std::string> out;
  const auto report = verify(directory);
  for (const Problem& problem : report.value().problems) out.emplace_back(to_string(problem.kind));
  return out;
}

TEST(VerifyTexts, ATextIsThereAndHasTheHashThatNamesIt) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  append_all(*open_journal(dir.path()),
             {of_policy(RecordType::start), of_policy(RecordType::policy)});
  EXPECT_THAT(kinds_of(dir.path()), IsEmpty());
  for (const fs::path& file : {policy_file(dir.path()), configuration_file(dir.path())}) {
    const std::string good = read_text(file);
    flip(file);
    EXPECT_THAT(kinds_of(dir.path()), ElementsAre("text_altered")) << file;
    fs::remove(file);
    EXPECT_THAT(kinds_of(dir.path()), ElementsAre("text_missing")) << file;
    put(file, good);
  }
  EXPECT_THAT(kinds_of(dir.path()), IsEmpty());
}

TEST(VerifyTexts, FormerVersionsAndCopiesForOthersHaveNone) {
  TemporaryDirectory dir;
  append_all(*open_journal(dir.path() / "former"), {of_policy(RecordType::start, "")});
  EXPECT_THAT(kinds_of(dir.path() / "former"), IsEmpty());
  keep_text(dir.path() / "var");
  append_all(*open_journal(dir.path() / "var"), {of_policy(RecordType::start)});
  fs::create_directories(dir.path() / "copy");
  fs::copy(dir.path() / "var" / "log", dir.path() / "copy" / "log", fs::copy_options::recursive);
  fs::copy(dir.path() / "var" / layout::verifier_key, dir.path() / "copy" / layout::verifier_key);
  EXPECT_THAT(kinds_of(dir.path() / "copy"), IsEmpty());
}

}  // namespace
}  // namespace menshen::audit
