// A signing key that never leaves its PKCS#11 token: a smart card, an HSM, SoftHSM. Ed25519
// (CKM_EDDSA), by the C interface of the token's module, which is loaded at run time.
//
//   auto token = Token::open({"/usr/lib/softhsm/libsofthsm2.so", "menshen", "audit", pin}, "log");
//   const auto signature = (*token)->sign(text);        // or why there is none
//
// One thread at a time, and one Token of a module in a process. sign() waits for as long as the
// token takes. After a failure the module is initialized anew, so that a token that was pulled out
// or that lost its session signs again when it is back; what it gives is verified, and a token that
// comes back with another key is refused. A PIN that the token has refused once is not tried again,
// for tokens lock themselves: that needs a new Token. No error names the PIN.
#pragma once

#include "audit/note.h"
#include "core/error.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::audit {

struct TokenKey {
  std::filesystem::path module;  // a shared library; dlopen's rules for a name without folder
  std::string token;             // its label
  std::string key;               // label of the private and of the public key
  std::string pin;               // the user's; secret
};

class Token {
 public:
  // `name`: of the key in notes. Errors: invalid_config, codes "token_module", "token_missing",
  // "token_pin", "token_key"; unavailable, code "token_failed".
  [[nodiscard]] static core::Result<std::unique_ptr<Token>> open(TokenKey key,
                                                                 const std::string& name);
  ~Token();  // logs out
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  [[nodiscard]] const NoteVerifier& verifier() const noexcept { return *verifier_; }
  // The 64 bytes of RFC 8032. Errors: those of open().
  [[nodiscard]] core::Result<std::string> sign(std::string_view text);

 private:
  struct Module;
  Token(TokenKey key, std::string name, std::unique_ptr<Module> module);
  [[nodiscard]] core::Result<void> connect();
  void disconnect();
  [[nodiscard]] core::Result<std::string> try_sign(std::string_view text);

  const TokenKey key_;
  const std::string name_;
  const std::unique_ptr<Module> module_;
  std::optional<NoteVerifier> verifier_;  // once it has been read
  std::optional<core::Error> refused_;    // the PIN was
};

}  // namespace menshen::audit
