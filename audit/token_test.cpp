// A signing key in a PKCS#11 token, here of SoftHSM: alone, beside a key in a file, and as the
// journal meets it when it fails. The module's own table of functions is where tests put faults.
#include "audit/token.h"

#define CK_DISABLE_TRUE_FALSE
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "audit/files.h"
#include "audit/key_rotation.h"
#include "audit/keys.h"
#include "audit/test_support.h"
#include "audit/verify.h"

// SoftHSM 2.6.1 forgets the name of the curve each time that it loads a key.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:ASN1_STRING_set\nleak:CRYPTO_zalloc\n";
}

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

constexpr const char* soft_module = "/usr/lib/softhsm/libsofthsm2.so";
constexpr const char* pin = "471108";

// What the faults below do; they are plain functions.
struct TokenFaults {
  std::mutex mutex;
  std::condition_variable goes_on;
  bool hangs = false;
  std::atomic<bool> signs_wrongly = false;
  std::atomic<bool> is_removed = false;
  std::atomic<CK_RV> login_result = CKR_OK;
  std::atomic<int> logins = 0;
};
TokenFaults faults;
CK_FUNCTION_LIST whole{};  // the module's own functions

CK_RV faulty_sign(CK_SESSION_HANDLE session, unsigned char* text, unsigned long bytes,
                  unsigned char* out, unsigned long* size) {
  std::unique_lock lock(faults.mutex);
  faults.goes_on.wait(lock, [] { return !faults.hangs; });
  const CK_RV result = whole.C_Sign(session, text, bytes, out, size);
  if (faults.signs_wrongly) out[0] ^= 1;
  return result;
}

CK_RV faulty_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  return faults.is_removed ? CKR_DEVICE_REMOVED : whole.C_SignInit(session, mechanism, key);
}

CK_RV faulty_slots(unsigned char present, CK_SLOT_ID* slots, unsigned long* count) {
  if (!faults.is_removed) return whole.C_GetSlotList(present, slots, count);
  *count = 0;
  return CKR_OK;
}

CK_RV faulty_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* text,
                   unsigned long bytes) {
  ++faults.logins;
  const CK_RV result = faults.login_result;
  return result != CKR_OK ? result : whole.C_Login(session, user, text, bytes);
}

class TokenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    void* library = ::dlopen(soft_module, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr || !fs::exists("/usr/bin/pkcs11-tool"))
      GTEST_SKIP() << "softhsm2 or opensc is not installed";
    const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    ASSERT_EQ(list(&module_), CKR_OK);
    whole = *module_;
    module_->C_Sign = faulty_sign;
    module_->C_SignInit = faulty_sign_init;
    module_->C_GetSlotList = faulty_slots;
    module_->C_Login = faulty_login;
    fs::create_directory(dir_.path() / "tokens");
    const std::string tokens = (dir_.path() / "tokens").string();
    write_text(dir_.path() / "softhsm2.conf", "directories.tokendir = " + tokens +
                                                  "\nobjectstore.backend = file\n"
                                                  "log.level = ERROR\n");
    ::setenv("SOFTHSM2_CONF", (dir_.path() / "softhsm2.conf").c_str(), 1);
    run(std::string("softhsm2-util --init-token --free --label menshen --so-pin 8088 --pin ") +
        pin);
    make_key("audit", "01");
  }
  void TearDown() override {
    if (module_ != nullptr) *module_ = whole;
    hang(false);
    faults.signs_wrongly = false;
    faults.is_removed = false;
    faults.login_result = CKR_OK;
  }

  void run(const std::string& command) const {
    const std::string said = (dir_.path() / "said").string();
    ASSERT_EQ(std::system((command + " >" + said + " 2>&1").c_str()), 0) << read_text(said);
  }
  void tool(const std::string& options) const {
    run(std::string("pkcs11-tool --module ") + soft_module +
        " --token-label menshen --login --pin " + pin + " " + options);
  }
  void make_key(const std::string& label, const std::string& id) const {
    tool("--keypairgen --key-type EC:edwards25519 --label " + label + " --id " + id);
  }
  void hang(bool hangs) const {
    {
      const std::lock_guard lock(faults.mutex);
      faults.hangs = hangs;
    }
    faults.goes_on.notify_all();
  }

  [[nodiscard]] static TokenKey key() { return {soft_module, "menshen", "audit", pin}; }
  [[nodiscard]] static std::string open_code(const TokenKey& key) {
    const auto token = Token::open(key, "log");
    if (token) return "none";
    EXPECT_EQ(core::to_string(token.error()).find(key.pin), std::string::npos);
    return token.error().code;
  }
  [[nodiscard]] static std::string sign_code(Token& token) {
    const auto signature = token.sign("text\n");
    if (!signature) return signature.error().code;
    EXPECT_TRUE(token.verifier().verify("text\n", *signature));
    return "none";
  }

  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] JournalOptions options(bool token = true) const {
    JournalOptions out;
    out.directory = var();
    out.checkpoint_interval_ms = 0;  // a head with each group
    if (token) out.token = key();
    return out;
  }
  [[nodiscard]] std::string journal_code(JournalOptions options) const {
    const auto journal = Journal::open(options, core::system_clock());
    return journal ? "none" : journal.error().code;
  }
  void live(bool token = true) {
    const auto journal = open_journal(var(), options(token));
    fill(*journal, 2, exchanges_);
    exchanges_ += 2;
  }
  void expect_intact(const fs::path& vkey = {}) const {
    const auto report = verify(var(), {.vkey = vkey});
    ASSERT_TRUE(report) << core::to_string(report.error());
    EXPECT_TRUE(report->ok()) << to_text(*report);
  }
  [[nodiscard]] std::size_t lines() const {
    return parse_note(read_text(var() / layout::checkpoint))->signatures.size();
  }

  TemporaryDirectory dir_;
  CK_FUNCTION_LIST_PTR module_ = nullptr;
  int exchanges_ = 0;
};

TEST_F(TokenTest, SignsWhatTheOrdinaryVerifierVerifies) {
  const auto token = Token::open(key(), "gateway.example/audit").value();
  const auto known = NoteVerifier::parse(token->verifier().vkey()).value();
  EXPECT_EQ(known.name(), "gateway.example/audit");
  for (const std::string text : {"", "text\n", "\xe9\x97\xa8\n"}) {
    const std::string signature = token->sign(text).value();
    EXPECT_TRUE(known.verify(text, signature));
    EXPECT_FALSE(known.verify(text + "x", signature));
  }
}

TEST_F(TokenTest, WhatIsNotThere) {
  TokenKey other = key();
  other.module = "/nowhere/module.so";
  EXPECT_EQ(open_code(other), "token_module");
  other.module = "libm.so.6";  // a library of something else
  EXPECT_EQ(open_code(other), "token_module");
  other = key();
  other.token = "mensh";
  EXPECT_EQ(open_code(other), "token_missing");
  other = key();
  other.key = "audi";
  EXPECT_EQ(open_code(other), "token_key");
  make_key("audit", "02");
  EXPECT_EQ(open_code(key()), "token_key");  // which of the two is meant?
  tool("--keypairgen --key-type RSA:2048 --label other --id 03");
  other.key = "other";
  EXPECT_EQ(open_code(other), "token_key");
}

TEST_F(TokenTest, APinThatIsRefusedIsNotTriedAgain) {
  TokenKey other = key();
  other.pin = "100000";
  EXPECT_EQ(open_code(other), "token_pin");
  EXPECT_EQ(open_code(key()), "none");
  const auto token = Token::open(key(), "log").value();
  ASSERT_EQ(whole.C_Finalize(nullptr), CKR_OK);
  faults.login_result = CKR_PIN_INCORRECT;  // it was changed meanwhile
  EXPECT_EQ(sign_code(*token), "token_pin");
  const int logins = faults.logins;
  EXPECT_EQ(sign_code(*token), "token_pin");
  EXPECT_EQ(sign_code(*token), "token_pin");
  EXPECT_EQ(faults.logins, logins);
}

TEST_F(TokenTest, ASessionThatIsLostIsOpenedAgain) {
  const auto token = Token::open(key(), "log").value();
  std::array<CK_SLOT_ID, 8> slots{};
  CK_ULONG count = slots.size();
  ASSERT_EQ(whole.C_GetSlotList(1, slots.data(), &count), CKR_OK);
  for (CK_ULONG i = 0; i < count; ++i) ASSERT_EQ(whole.C_CloseAllSessions(slots[i]), CKR_OK);
  EXPECT_EQ(sign_code(*token), "none");
  ASSERT_EQ(whole.C_Finalize(nullptr), CKR_OK);
  EXPECT_EQ(sign_code(*token), "none");
}

TEST_F(TokenTest, OneThatWasPulledOutSignsWhenItIsBack) {
  const auto token = Token::open(key(), "log").value();
  faults.is_removed = true;
  EXPECT_EQ(sign_code(*token), "token_missing");
  EXPECT_EQ(sign_code(*token), "token_missing");
  faults.is_removed = false;
  EXPECT_EQ(sign_code(*token), "none");
}

TEST_F(TokenTest, OneThatComesBackWithAnotherKeyIsRefused) {
  const auto token = Token::open(key(), "log").value();
  ASSERT_EQ(whole.C_Finalize(nullptr), CKR_OK);
  tool("--delete-object --type privkey --label audit");
  tool("--delete-object --type pubkey --label audit");
  make_key("audit", "02");
  EXPECT_EQ(sign_code(*token), "token_key");
}

TEST_F(TokenTest, ASignatureThatDoesNotHoldIsAFailure) {
  const auto token = Token::open(key(), "log").value();
  faults.signs_wrongly = true;
  EXPECT_EQ(sign_code(*token), "token_failed");
  faults.signs_wrongly = false;
  EXPECT_EQ(sign_code(*token), "none");
}

TEST_F(TokenTest, ALogIsBegunByIt) {
  live();
  live();
  EXPECT_FALSE(fs::exists(var() / layout::signing_key));
  EXPECT_EQ(lines(), 1U);
  expect_intact();
  EXPECT_EQ(journal_code(options(false)), "audit_key_missing");
  JournalOptions other = options();
  other.token->pin = "100000";
  EXPECT_EQ(journal_code(other), "token_pin");
  make_key("another", "02");
  other = options();
  other.token->key = "another";
  EXPECT_EQ(journal_code(other), "wrong_key");
  other = options();
  other.origin = "other";
  EXPECT_EQ(journal_code(other), "wrong_origin");
  live();
  expect_intact();
}

TEST_F(TokenTest, AKeyInAFileIsReplacedByOneInAToken) {
  live(false);
  const fs::path vkey = dir_.path() / "vkey";
  fs::copy(var() / layout::verifier_key, vkey);
  EXPECT_EQ(retire_key(var()).error().code, "no_key_overlap");
  live();
  EXPECT_EQ(lines(), 2U);
  expect_intact(vkey);
  EXPECT_EQ(rotate_key(var()).error().code, "key_overlap");
  ASSERT_TRUE(retire_key(var()));
  EXPECT_FALSE(fs::exists(var() / layout::signing_key));
  live();
  EXPECT_EQ(lines(), 1U);
  expect_intact(vkey);
  expect_intact();
}

TEST_F(TokenTest, AKeyInATokenIsReplacedByOneInAFile) {
  live();
  const fs::path vkey = dir_.path() / "vkey";
  fs::copy(var() / layout::verifier_key, vkey);
  const auto added = rotate_key(var());
  ASSERT_TRUE(added) << core::to_string(added.error());
  EXPECT_EQ(journal_code(options(false)), "wrong_key");  // nobody has brought the new one in
  live();
  EXPECT_EQ(lines(), 2U);
  EXPECT_EQ(read_text(var() / layout::verifier_key), added->vkey() + "\n");
  EXPECT_EQ(retire_key(var()).error().code, "key_in_token");
  live(false);
  EXPECT_EQ(lines(), 1U);
  expect_intact(vkey);
  expect_intact();
}

// As from a disk that hangs: nobody waits longer than he may, and later all goes on.
TEST_F(TokenTest, WhileItHangsNothingIsRecorded) {
  JournalOptions slow = options();
  slow.commit_timeout_ms = 100;
  const auto journal = open_journal(var(), slow);
  fill(*journal, 1, 0);
  hang(true);
  const auto refused = append_all(*journal, {intent("late"), outcome("late")});
  for (const auto& seq : refused) EXPECT_EQ(seq ? "none" : seq.error().code, evidence_unavailable);
  EXPECT_FALSE(journal->stats().healthy);
  EXPECT_NE(journal->stats().reason, "");
  hang(false);
  for (int i = 0; !append_all(*journal, {intent("then-" + std::to_string(i))})[0]; ++i) {
  }
  EXPECT_TRUE(journal->stats().healthy);
  expect_intact();
}

TEST_F(TokenTest, WhileItIsAwayNothingIsRecorded) {
  const auto journal = open_journal(var(), options());
  fill(*journal, 1, 0);
  const std::uint64_t records = journal->stats().records;
  faults.is_removed = true;
  for (const char* name : {"a", "b"}) {
    const auto refused = append_all(*journal, {intent(name)});
    ASSERT_FALSE(refused[0]);
    EXPECT_EQ(refused[0].error().code, evidence_unavailable);
  }
  const JournalStats stats = journal->stats();
  EXPECT_FALSE(stats.healthy);
  EXPECT_EQ(stats.records, records);
  EXPECT_NE(stats.reason.find("no token with the label"), std::string::npos) << stats.reason;
  EXPECT_EQ(stats.reason.find(pin), std::string::npos);
  faults.is_removed = false;
  fill(*journal, 1, 1);
  EXPECT_TRUE(journal->stats().healthy);
  expect_intact();
}

}  // namespace
}  // namespace menshen::audit
