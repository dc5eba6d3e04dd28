#include "proxy/gateway/places.h"

#include "audit/test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace menshen::gateway {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A gateway's folder, and what a check says of it.
class Places : public ::testing::Test {
 protected:
  Places() { config_.store = dir_.path() / "var"; }

  // "POINTER MESSAGE" of each problem, a line each. Nothing may have changed.
  std::string check() {
    const std::string before = listing();
    std::string out;
    for (const core::Problem& problem : check_places(config_, "c.yaml")) {
      EXPECT_TRUE(problem.is_error);
      EXPECT_EQ(problem.file, "c.yaml");
      out += problem.pointer + " " + problem.message + "\n";
    }
    EXPECT_EQ(listing(), before);
    return out;
  }

  void write(const fs::path& name, const std::string& content) {
    fs::create_directories((config_.store / name).parent_path());
    std::ofstream(config_.store / name) << content;
  }

  config::Config config_;
  const audit::TemporaryDirectory dir_;

 private:
  // Every file with its size and the time of its last change.
  std::string listing() {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
      const auto changed = entry.last_write_time().time_since_epoch().count();
      all.push_back(entry.path().string() + " " + std::to_string(changed) + " " +
                    (entry.is_regular_file() ? std::to_string(entry.file_size()) : "-") + "\n");
    }
    std::ranges::sort(all);
    std::string out;
    for (const std::string& each : all) out += each;
    return out;
  }
};

TEST_F(Places, AStoreThatIsNotThereYetIsFine) {
  EXPECT_EQ(check(), "");
  config_.store = dir_.path() / "a" / "b" / "c";
  EXPECT_EQ(check(), "");
}

TEST_F(Places, AStoreInUseIsFine) {
  const auto journal = audit::open_journal(config_.store, {});
  EXPECT_EQ(check(), "");
}

TEST_F(Places, AStoreThatOthersMayWriteTo) {
  fs::create_directory(config_.store);
  fs::permissions(config_.store, fs::perms::group_write, fs::perm_options::add);
  EXPECT_THAT(check(), HasSubstr("/store/path " + config_.store.string()));
  EXPECT_THAT(check(), HasSubstr("(store_unsafe)"));
}

TEST_F(Places, ALogThatIsGone) {
  for (const char* kept :
       {"audit.key", "audit.vkey", "audit.keys", "heads", "log/checkpoint", "dp.db"}) {
    fs::remove_all(config_.store);
    fs::create_directories((config_.store / kept).parent_path());
    write(kept, "left");
    fs::permissions(config_.store, fs::perms::owner_all);
    EXPECT_THAT(check(), HasSubstr("(evidence_gone)")) << kept;
    write("segment.0", "");
    write("segment.1", "something");
    EXPECT_THAT(check(), HasSubstr("(evidence_gone)")) << kept;
    write("segment.0", "something");
    EXPECT_EQ(check(), "") << kept;
  }
}

TEST_F(Places, ALogOfAnEarlierVersion) {
  write("audit.db", "something");
  fs::permissions(config_.store, fs::perms::owner_all);
  EXPECT_THAT(check(), HasSubstr("(evidence_former)"));
}

TEST_F(Places, TextsThatCannotBeKept) {
  const auto journal = audit::open_journal(config_.store, {});
  for (const char* name : {"policies", "configurations"}) {
    const fs::path folder = config_.store / name;
    write(std::string(name) + "/HASH", "text");
    fs::permissions(folder, fs::perms::owner_all);
    EXPECT_EQ(check(), "") << name;
    fs::permissions(folder, fs::perms::others_write, fs::perm_options::add);
    EXPECT_THAT(check(), HasSubstr("(store_unsafe)")) << name;
    fs::remove_all(folder);
    write(name, "a file");
    fs::permissions(folder, fs::perms::owner_all);
    EXPECT_THAT(check(), HasSubstr("(evidence_unavailable)")) << name;
    fs::remove(folder);
  }
}

TEST_F(Places, KeysThatAreNone) {
  write("keys.db", std::string(8192, 'x'));
  fs::permissions(config_.store, fs::perms::owner_all);
  EXPECT_THAT(check(), HasSubstr("/store/path "));
  EXPECT_THAT(check(), HasSubstr("keys.db"));
}

TEST_F(Places, ALogOrHeadsThatCannotBeWritten) {
  config_.log.file = dir_.path() / "none" / "log";
  config_.audit.publish = dir_.path();
  EXPECT_THAT(check(), HasSubstr("/log/file " + config_.log.file.string()));
  EXPECT_THAT(check(), HasSubstr("(log_unwritable)"));
  EXPECT_THAT(check(), HasSubstr("/audit/publish " + dir_.path().string()));
  config_.log.file = dir_.path() / "log";
  config_.audit.publish = dir_.path() / "heads";
  EXPECT_EQ(check(), "");
}

TEST_F(Places, AWitnessThatIsNone) {
  const std::string key = "BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
  config_.audit.witnesses = {{"witness.example/w1+04d2d833+" + key,
                              "witness.example/w1",
                              "o",
                              {.url = {false, "127.0.0.1", 1, ""}, .ca = {}}}};
  EXPECT_EQ(check(), "");
  config_.audit.witnesses[0].at.url.tls = true;
  config_.audit.witnesses[0].at.ca = dir_.path() / "none.pem";
  EXPECT_THAT(check(), HasSubstr("none.pem"));
  config_.audit.witnesses[0].key = "witness.example/w1+00000000+" + key;
  EXPECT_THAT(check(), HasSubstr("/audit audit.witnesses witness.example/w1"));
  EXPECT_THAT(check(), HasSubstr("(malformed_key)"));
}

}  // namespace
}  // namespace menshen::gateway
