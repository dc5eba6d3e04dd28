#include "proxy/gateway/kept_text.h"

#include "audit/test_support.h"
#include "audit/text_audit.h"
#include "core/digest.h"
#include "proxy/config/canonical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace menshen::gateway {
namespace {

namespace fs = std::filesystem;

config::Config some_config() {
  config::Config out;
  out.listen.address = out.admin.address = {"127.0.0.1", 1};
  return out;
}

TEST(KeptText, OfAConfigurationHasItsHashAsName) {
  const audit::TemporaryDirectory dir;
  const config::Config config = some_config();
  const std::string hash = keep_configuration(config, dir.path()).value();
  const fs::path file = dir.path() / "configurations" / (hash + ".json");
  EXPECT_EQ(audit::read_text(file), config::canonical(config));
  EXPECT_EQ(hash, core::to_hex(core::as_text(core::sha256(audit::read_text(file)))));
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(file.parent_path()).permissions(), fs::perms::owner_all);
  // Another one stands beside it.
  config::Config other = some_config();
  other.threads = 7;
  EXPECT_NE(keep_configuration(other, dir.path()).value(), hash);
  EXPECT_TRUE(fs::exists(file));
}

TEST(KeptText, IsWrittenOnceAndMendedWhereItWasChanged) {
  const audit::TemporaryDirectory dir;
  const config::Config config = some_config();
  const std::string hash = keep_configuration(config, dir.path()).value();
  const fs::path file = dir.path() / "configurations" / (hash + ".json");
  const auto before = fs::last_write_time(file);
  EXPECT_EQ(keep_configuration(config, dir.path()).value(), hash);
  EXPECT_EQ(fs::last_write_time(file), before);
  std::ofstream(file) << "something else";
  EXPECT_EQ(keep_configuration(config, dir.path()).value(), hash);
  EXPECT_EQ(audit::read_text(file), config::canonical(config));
}

TEST(KeptText, IsNotWrittenWhereOthersMayWrite) {
  const audit::TemporaryDirectory dir;
  const fs::path folder = dir.path() / "configurations";
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::others_write, fs::perm_options::add);
  const auto kept = keep_configuration(some_config(), dir.path());
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, "store_unsafe");
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(KeptText, IsNotWrittenWhereItIsTooLongToBeReadAgain) {
  const audit::TemporaryDirectory dir;
  config::Config config = some_config();
  config.audit.origin = std::string(audit::text_bytes_max, 'o');
  const auto kept = keep_configuration(config, dir.path());
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, "evidence_unavailable");
  EXPECT_FALSE(fs::exists(dir.path() / "configurations"));
  // `config check` says so before a start does.
  config.store = dir.path();
  EXPECT_EQ(check_kept_texts(config).error().code, "evidence_unavailable");
  config.audit.origin = "log";
  EXPECT_TRUE(check_kept_texts(config));
}

}  // namespace
}  // namespace menshen::gateway
