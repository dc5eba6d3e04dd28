// Another key for a log: both sign, then the new one alone, and whoever knows any of them follows.
// Files of keys that were exchanged, cut or forged; heads that a key signs out of its time.
#include "audit/key_rotation.h"

#include "audit/checkpoint.h"
#include "audit/head_file.h"
#include "audit/keys.h"
#include "audit/proof.h"
#include "audit/reader.h"
#include "audit/test_support.h"
#include "audit/verify.h"

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

class Rotated : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] fs::path published() const { return dir_.path() / "heads"; }
  [[nodiscard]] JournalOptions options() const {
    JournalOptions out;
    out.directory = var();
    out.publish = published();
    out.checkpoint_interval_ms = 3'600'000;
    return out;
  }
  // A life of the gateway: five exchanges.
  void live() {
    const auto journal = open_journal(var(), options());
    fill(*journal, 5, lives_++ * 5);
  }
  void rotate() { keep(rotate_key(var()).value()); }
  void keep(const NoteVerifier& key) {
    keys_.push_back(dir_.path() / ("key-" + std::to_string(keys_.size())));
    write_text(keys_.back(), key.vkey() + "\n");
  }
  // A log whose first key was followed by `more` others, each with an overlap.
  void rotate_through(int more) {
    live();
    keep(load_verifier(var() / layout::verifier_key).value());
    for (int i = 0; i < more; ++i) {
      rotate();
      live();
      ASSERT_TRUE(retire_key(var()));
      live();
    }
  }
  [[nodiscard]] VerifyReport check(const fs::path& vkey = {}) const {
    return verify(var(), {.vkey = vkey, .published = published()}).value();
  }
  [[nodiscard]] std::string kinds(const fs::path& vkey = {}) const {
    std::string out;
    for (const Problem& problem : check(vkey).problems)
      out.append(to_string(problem.kind)).append(" ").append(std::to_string(problem.first)) += ",";
    return out;
  }
  [[nodiscard]] std::string open_error() const {
    const auto journal = Journal::open(options(), core::system_clock());
    return journal ? "none" : journal.error().code;
  }
  [[nodiscard]] NoteVerifier key(std::size_t i) const { return load_verifier(keys_[i]).value(); }
  [[nodiscard]] std::string last_head() const { return HeadFile(published()).last()->note; }
  [[nodiscard]] std::vector<std::string> signers_of(const std::string& head) const {
    std::vector<std::string> out;
    const auto note = parse_note(head).value();
    for (const auto& path : keys_) {
      const NoteVerifier each = load_verifier(path).value();
      if (open_checkpoint(head, each)) out.push_back(path.filename());
    }
    EXPECT_EQ(out.size(), note.signatures.size());
    return out;
  }

  TemporaryDirectory dir_;
  std::vector<fs::path> keys_;  // verifier keys, the first one first
  int lives_ = 0;
};

using Names = std::vector<std::string>;

TEST_F(Rotated, BothKeysSignUntilTheOlderIsRetired) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  rotate();
  EXPECT_EQ(read_text(var() / layout::verifier_key), key(0).vkey() + "\n");  // nothing yet
  live();
  EXPECT_EQ(signers_of(last_head()), (Names{"key-0", "key-1"}));
  EXPECT_EQ(signers_of(read_text(var() / layout::checkpoint)), (Names{"key-0", "key-1"}));
  EXPECT_EQ(read_text(var() / layout::verifier_key), key(1).vkey() + "\n");
  live();
  EXPECT_EQ(signers_of(last_head()), (Names{"key-0", "key-1"}));
  EXPECT_EQ(retire_key(var()).value(), key(0));
  live();
  EXPECT_EQ(signers_of(last_head()), (Names{"key-1"}));
  EXPECT_EQ(signers_of(read_text(var() / layout::checkpoint)), (Names{"key-1"}));
  EXPECT_EQ(read_text(var() / layout::signing_key).find(key(0).vkey().substr(0, 20)),
            std::string::npos);
  for (const fs::path& vkey : keys_) EXPECT_EQ(kinds(vkey), "");
  EXPECT_EQ(kinds(), "");
}

TEST_F(Rotated, TheLogSaysSo) {
  rotate_through(1);
  auto reader = LogReader::open(var()).value();
  const auto added = parse_record(reader.read(10, 1)->front().body).value().record;
  EXPECT_EQ(added.type, RecordType::key);
  EXPECT_EQ(added.keys_former, (Names{key(0).vkey()}));
  EXPECT_EQ(added.keys, (Names{key(0).vkey(), key(1).vkey()}));
  const auto retired = parse_record(reader.read(21, 1)->front().body).value().record;
  EXPECT_EQ(retired.type, RecordType::key);
  EXPECT_EQ(retired.keys_former, added.keys);
  EXPECT_EQ(retired.keys, (Names{key(1).vkey()}));
  EXPECT_EQ(read_text(var() / layout::verifier_keys), "0 " + key(0).vkey() + "\n11 " +
                                                          key(0).vkey() + " " + key(1).vkey() +
                                                          "\n22 " + key(1).vkey() + "\n");
  // What verify found is what the file says.
  const VerifyReport report = check();
  EXPECT_EQ(report.records, 32U);
  const auto json = nlohmann::json::parse(to_json(report));
  ASSERT_EQ(json["keys"].size(), 3U);
  EXPECT_EQ(json["keys"][1]["from"], 11);
  EXPECT_EQ(json["keys"][1]["vkeys"], nlohmann::json(added.keys));
  EXPECT_NE(to_text(report).find("from the head over 22 records on signed by " + key(1).vkey()),
            std::string::npos);
}

TEST_F(Rotated, AnyKeyOfTheChainVerifiesAllOfIt) {
  rotate_through(3);
  for (const fs::path& vkey : keys_) {
    const VerifyReport report = check(vkey);
    EXPECT_TRUE(report.ok()) << to_text(report);
    EXPECT_EQ(report.signed_records, report.records);
    EXPECT_EQ(report.published_heads, report.heads - report.published_heads - 1);
  }
  EXPECT_EQ(open_error(), "none");
}

TEST_F(Rotated, AnotherLogsKeyVerifiesNothing) {
  rotate_through(1);
  const NoteSigner other = NoteSigner::generate("menshen/audit").value();
  write_text(dir_.path() / "other", other.verifier().vkey());
  EXPECT_FALSE(check(dir_.path() / "other").ok());
  // A directory that calls it the log's first one changes nothing about that.
  write_text(var() / layout::verifier_keys,
             "0 " + key(0).vkey() + "\n11 " + other.verifier().vkey() + "\n");
  EXPECT_EQ(kinds(dir_.path() / "other"), "head_signature 32,");
}

TEST_F(Rotated, ProofsAreOfTheKeysThatSignThen) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  rotate();
  live();
  const LogProof both = prove(var(), 3).value();
  EXPECT_TRUE(check_proof(both, both.record, key(0)));
  EXPECT_TRUE(check_proof(both, both.record, key(1)));
  ASSERT_TRUE(retire_key(var()));
  live();
  const LogProof later = prove(var(), 3).value();
  EXPECT_EQ(check_proof(later, later.record, key(0)).error().code, "unknown_signer");
  EXPECT_TRUE(check_proof(later, later.record, key(1)));
}

// Somebody has found the key that was retired, and signs a head of what the log holds.
TEST_F(Rotated, ARetiredKeySignsNothingMore) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  const NoteSigner retired = NoteSigner::parse([&] {
                               std::string skey = read_text(var() / layout::signing_key);
                               skey.pop_back();
                               return skey;
                             }())
                                 .value();
  rotate();
  live();
  ASSERT_TRUE(retire_key(var()));
  live();
  const auto head = open_checkpoint(last_head(), key(1)).value();
  const std::string forged = sign_checkpoint(head, retired);
  const std::string checkpoint = read_text(var() / layout::checkpoint);
  write_text(var() / layout::checkpoint, forged);
  const VerifyReport report = check();
  ASSERT_EQ(report.problems_total, 1U) << to_text(report);
  EXPECT_EQ(report.problems[0].kind, ProblemKind::head_signature);
  EXPECT_NE(report.problems[0].what.find("had been retired when the log had 32 records"),
            std::string::npos)
      << report.problems[0].what;
  EXPECT_EQ(open_error(), "evidence_tampered");
  write_text(var() / layout::checkpoint, checkpoint);
  EXPECT_EQ(kinds(), "");
  // Among the heads that were published, beside the new key's own.
  std::ofstream(published(), std::ios::app) << forged << "\n";
  EXPECT_EQ(kinds(), "head_signature 0,");
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Rotated, ANewKeySignsNothingBeforeItsTime) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  const std::string early = read_text(var() / layout::checkpoint);
  rotate();
  live();
  const auto signers = load_signers(var() / layout::signing_key).value().value();
  const auto head = open_checkpoint(early, key(0)).value();
  std::ofstream(published(), std::ios::app) << sign_checkpoint(head, signers[1]) << "\n";
  EXPECT_EQ(kinds(), "head_signature 0,");
  const auto journal = Journal::open(options(), core::system_clock());
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().message.find("did not sign yet when the log had 10 records"),
            std::string::npos)
      << journal.error().message;
}

// Whoever writes the files without holding a key brings in one of his own.
TEST_F(Rotated, AKeyThatNoneOfTheLogsBroughtInIsNamed) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  const NoteSigner enemy = NoteSigner::generate("menshen/audit").value();
  Segments segments(var());
  Record record;
  record.type = RecordType::key;
  record.wall_ns = intent("").wall_ns;
  record.keys_former = {key(0).vkey()};
  record.keys = {key(0).vkey(), enemy.verifier().vkey()};
  Segments::Group group;
  group.records.push_back({Hash{}, canonical(record, 10)});
  segments.groups().push_back(std::move(group));
  segments.hash_anew();
  const Hash root = segments.groups().back().root;
  segments.groups().back().note = sign_checkpoint({"menshen/audit", 11, root}, enemy);
  segments.save();
  fs::remove_all(var() / "log/tile");
  EXPECT_EQ(kinds(keys_[0]), "head_signature 11,");
  EXPECT_EQ(open_error(), "evidence_tampered");
  // His key, given as the log's, leads nowhere from the heads that the log has signed: they stand
  // before it, and only a head of its own follows.
  write_text(dir_.path() / "enemy", enemy.verifier().vkey());
  EXPECT_NE(kinds(dir_.path() / "enemy"), "");
}

TEST_F(Rotated, FilesOfKeysThatWereExchanged) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  const std::string own = read_text(var() / layout::signing_key);
  const auto with = [&](const std::string& text) {
    write_text(var() / layout::signing_key, text);
    return open_error();
  };
  const std::string other = NoteSigner::generate("menshen/audit")->skey() + "\n";
  const std::string elsewhere = NoteSigner::generate("other/audit")->skey() + "\n";
  EXPECT_EQ(with(other), "wrong_key");
  EXPECT_EQ(with(elsewhere), "wrong_origin");
  EXPECT_EQ(with(own + elsewhere), "malformed_key");
  EXPECT_EQ(with(own + own), "malformed_key");
  EXPECT_EQ(with(own + own.substr(0, own.size() / 2)), "malformed_key");
  EXPECT_EQ(with(own + "\n"), "malformed_key");
  EXPECT_EQ(with(own + other + NoteSigner::generate("menshen/audit")->skey() + "\n"),
            "malformed_key");
  EXPECT_EQ(with(""), "malformed_key");
  write_text(var() / "audit.key.tmp", other.substr(0, 20));  // a crash left it
  EXPECT_EQ(with(own), "none");
  EXPECT_EQ(kinds(keys_[0]), "");
}

// A backup of audit.key from the time of the overlap.
TEST_F(Rotated, ARetiredKeyThatIsPutBackSignsNothing) {
  live();
  keep(load_verifier(var() / layout::verifier_key).value());
  rotate();
  live();
  const std::string both = read_text(var() / layout::signing_key);
  ASSERT_TRUE(retire_key(var()));
  live();
  const std::string one = read_text(var() / layout::signing_key);
  write_text(var() / layout::signing_key, both);
  EXPECT_EQ(open_error(), "key_retired");
  write_text(var() / layout::signing_key, both.substr(0, both.find('\n') + 1));
  EXPECT_EQ(open_error(), "key_retired");
  write_text(var() / layout::signing_key, one);
  EXPECT_EQ(open_error(), "none");
  EXPECT_EQ(signers_of(last_head()), (Names{"key-1"}));
  EXPECT_EQ(kinds(keys_[0]), "");
}

TEST_F(Rotated, KeysAreRotatedOneAtATime) {
  live();
  EXPECT_EQ(retire_key(var()).error().code, "no_key_overlap");
  const std::string one = read_text(var() / layout::signing_key);
  rotate();
  const std::string two = read_text(var() / layout::signing_key);
  EXPECT_TRUE(two.starts_with(one));
  EXPECT_EQ(fs::status(var() / layout::signing_key).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(rotate_key(var()).error().code, "key_overlap");
  // Nobody could follow a key that signs alone before the log says so.
  EXPECT_EQ(retire_key(var()).error().code, "key_not_in_force");
  EXPECT_EQ(read_text(var() / layout::signing_key), two);
  EXPECT_EQ(rotate_key(dir_.path() / "none").error().code, "audit_key_missing");
}

TEST_F(Rotated, ByRootTheKeyIsTheGatewaysAllTheSame) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  constexpr uid_t gateway = 12'345;
  live();
  ASSERT_EQ(::chown(var().c_str(), gateway, gateway), 0);
  rotate();
  struct stat found {};
  ASSERT_EQ(::stat((var() / layout::signing_key).c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, gateway);
}

TEST_F(Rotated, NotWhileAGatewayWrites) {
  const auto journal = open_journal(var(), options());
  fill(*journal, 5);
  const std::string key = read_text(var() / layout::signing_key);
  EXPECT_EQ(rotate_key(var()).error().code, "store_locked");
  EXPECT_EQ(retire_key(var()).error().code, "store_locked");
  EXPECT_EQ(read_text(var() / layout::signing_key), key);
  fill(*journal, 5, 5);
}

TEST_F(Rotated, TheFileOfFormerKeysIsHeldToTheLog) {
  rotate_through(1);
  const std::string own = read_text(var() / layout::verifier_keys);
  const auto with = [&](const std::string& text) {
    write_text(var() / layout::verifier_keys, text);
    return open_error();
  };
  const std::string enemy = NoteSigner::generate("menshen/audit")->verifier().vkey();
  EXPECT_EQ(with("0 " + key(0).vkey() + "\n9 " + key(1).vkey() + "\n"), "evidence_tampered");
  EXPECT_EQ(with("0 " + key(0).vkey() + "\n11 " + enemy + " " + key(1).vkey() + "\n"),
            "evidence_tampered");
  EXPECT_EQ(with("0 " + key(0).vkey() + "\n1000 " + key(1).vkey() + "\n"), "evidence_tampered");
  EXPECT_EQ(with("0 " + enemy + "\n"), "wrong_key");
  EXPECT_EQ(with("1 " + key(1).vkey() + "\n"), "malformed_key");
  EXPECT_EQ(with(own.substr(0, own.size() - 1)), "malformed_key");
  EXPECT_EQ(with(own + own), "malformed_key");
  EXPECT_EQ(with(""), "malformed_key");
  EXPECT_EQ(with(own), "none");
}

// The records say it as well.
TEST_F(Rotated, TheFileOfFormerKeysIsMadeAnewFromTheLog) {
  rotate_through(2);
  for (const bool overlap : {false, true}) {
    if (overlap) {
      rotate();
      live();
    }
    const std::string own = read_text(var() / layout::verifier_keys);
    fs::remove(var() / layout::verifier_keys);
    for (const fs::path& vkey : keys_) EXPECT_EQ(kinds(vkey), "");
    EXPECT_EQ(kinds(), "");
    live();
    EXPECT_EQ(read_text(var() / layout::verifier_keys), own);
  }
  fs::remove(var() / layout::verifier_keys);
  EXPECT_EQ(retire_key(var()).value(), key(2));
  live();
  EXPECT_EQ(signers_of(last_head()), (Names{"key-3"}));
  for (const fs::path& vkey : keys_) EXPECT_EQ(kinds(vkey), "");
}

TEST(KeyRing, TheKeysChangeSoOftenAndNoOftener) {
  const auto a = NoteSigner::from_seed("log", {1})->verifier();
  const auto b = NoteSigner::from_seed("log", {2})->verifier();
  KeyRing ring(a);
  for (std::size_t i = 1; i <= key_changes_max; ++i)
    ASSERT_TRUE(ring.change(i, {i % 2 == 0 ? a : b}));
  EXPECT_FALSE(ring.change(key_changes_max + 1, {b}));
  EXPECT_TRUE(ring.change(key_changes_max + 1, {a}));  // it is in force
  EXPECT_TRUE(KeyRing::parse(ring.to_text()));
  const std::string past = std::to_string(key_changes_max + 1) + " " + b.vkey() + "\n";
  EXPECT_FALSE(KeyRing::parse(ring.to_text() + past));
}

}  // namespace
}  // namespace menshen::audit
