#include "audit/token.h"

#define CK_DISABLE_TRUE_FALSE
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace menshen::audit {
namespace {

constexpr std::size_t public_key_bytes = 32;
constexpr std::size_t signature_bytes_of_token = 64;
constexpr CK_ULONG slots_max = 256;

core::Error misconfigured(const char* code, std::string message) {
  return core::gateway_error(core::ErrorKind::invalid_config, code, std::move(message));
}

// The number alone: modules have codes of their own.
std::string hexadecimal(CK_RV result) {
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "0x%lX", result);
  return digits.data();
}

core::Error token_failed(const char* call, CK_RV result) {
  return core::gateway_error(core::ErrorKind::unavailable, "token_failed",
                             std::string("The token that signs the log's heads fails: ") + call +
                                 " gave " + hexadecimal(result) + ".");
}

bool concerns_pin(CK_RV result) {
  constexpr std::array all{CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE,
                           CKR_PIN_EXPIRED,   CKR_PIN_LOCKED,  CKR_USER_PIN_NOT_INITIALIZED};
  return std::ranges::find(all, result) != all.end();
}

template <class T>
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, T* value, std::size_t bytes) {
  return {type, value, static_cast<CK_ULONG>(bytes)};
}

unsigned char* bytes_for_token(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

// The library, and what is open of it.
struct Token::Module {
  CK_FUNCTION_LIST_PTR call = nullptr;
  bool initialized = false;
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;

  [[nodiscard]] core::Result<void> load(const std::filesystem::path& path);
  [[nodiscard]] core::Result<CK_SLOT_ID> find_slot(const std::string& label) const;
  [[nodiscard]] core::Result<CK_OBJECT_HANDLE> find_key(CK_OBJECT_CLASS kind,
                                                        const std::string& label) const;
  [[nodiscard]] core::Result<std::array<std::uint8_t, public_key_bytes>> read_public(
      CK_OBJECT_HANDLE key) const;
};

core::Result<void> Token::Module::load(const std::filesystem::path& path) {
  // It stays loaded: a module may have threads and handlers of its own.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = library == nullptr ? nullptr : ::dlsym(library, "C_GetFunctionList");
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(symbol);
  if (list == nullptr || list(&call) != CKR_OK || call == nullptr) {
    core::Error error = misconfigured("token_module", "This is no PKCS#11 module.");
    error.where = path.string();
    return error;
  }
  return {};
}

core::Result<CK_SLOT_ID> Token::Module::find_slot(const std::string& label) const {
  std::vector<CK_SLOT_ID> slots(slots_max);
  CK_ULONG count = slots_max;
  if (const CK_RV result = call->C_GetSlotList(1, slots.data(), &count); result != CKR_OK)
    return token_failed("C_GetSlotList", result);
  slots.resize(count);
  std::optional<CK_SLOT_ID> found;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (call->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
    std::string own(reinterpret_cast<const char*>(info.label), sizeof info.label);
    own.resize(own.find_last_not_of(' ') + 1);  // padded with blanks
    if (own != label) continue;
    if (found) return misconfigured("token_missing", "Two tokens have the label that is named.");
    found = slot;
  }
  if (found) return *found;
  return misconfigured("token_missing", "There is no token with the label that is named.");
}

core::Result<CK_OBJECT_HANDLE> Token::Module::find_key(CK_OBJECT_CLASS kind,
                                                       const std::string& label) const {
  CK_KEY_TYPE type = CKK_EC_EDWARDS;
  std::string text = label;
  std::array wanted{attribute(CKA_CLASS, &kind, sizeof kind),
                    attribute(CKA_KEY_TYPE, &type, sizeof type),
                    attribute(CKA_LABEL, text.data(), text.size())};
  std::array<CK_OBJECT_HANDLE, 2> keys{};
  CK_ULONG count = 0;
  if (const CK_RV result = call->C_FindObjectsInit(session, wanted.data(), wanted.size());
      result != CKR_OK) {
    return token_failed("C_FindObjectsInit", result);
  }
  const CK_RV result = call->C_FindObjects(session, keys.data(), keys.size(), &count);
  (void)call->C_FindObjectsFinal(session);
  if (result != CKR_OK) return token_failed("C_FindObjects", result);
  if (count == 1) return keys[0];
  const char* which = kind == CKO_PRIVATE_KEY ? "private" : "public";
  return misconfigured("token_key", std::string(count == 0 ? "The token has no "
                                                           : "The token has "
                                                             "more than one ") +
                                        which + " Ed25519 key with the label that is named.");
}

// A DER octet string of 32 bytes, or as some modules have it these bytes alone.
core::Result<std::array<std::uint8_t, public_key_bytes>> Token::Module::read_public(
    CK_OBJECT_HANDLE key) const {
  std::array<std::uint8_t, public_key_bytes + 2> point{};
  CK_ATTRIBUTE wanted = attribute(CKA_EC_POINT, point.data(), point.size());
  if (const CK_RV result = call->C_GetAttributeValue(session, key, &wanted, 1); result != CKR_OK)
    return token_failed("C_GetAttributeValue", result);
  const std::size_t bytes = wanted.ulValueLen;
  const bool wrapped = bytes == point.size() && point[0] == 0x04 && point[1] == public_key_bytes;
  if (!wrapped && bytes != public_key_bytes)
    return misconfigured("token_key", "The token's public key is not an Ed25519 key.");
  std::array<std::uint8_t, public_key_bytes> out{};
  std::copy_n(point.begin() + (wrapped ? 2 : 0), out.size(), out.begin());
  return out;
}

Token::Token(TokenKey key, std::string name, std::unique_ptr<Module> module)
    : key_(std::move(key)), name_(std::move(name)), module_(std::move(module)) {}

Token::~Token() { disconnect(); }

core::Result<std::unique_ptr<Token>> Token::open(TokenKey key, const std::string& name) {
  auto module = std::make_unique<Module>();
  if (const auto loaded = module->load(key.module); !loaded) return loaded.error();
  std::unique_ptr<Token> token(new Token(std::move(key), name, std::move(module)));
  if (const auto connected = token->connect(); !connected) return connected.error();
  return token;
}

core::Result<void> Token::connect() {
  if (refused_) return *refused_;
  Module& module = *module_;
  CK_C_INITIALIZE_ARGS args{};
  args.flags = CKF_OS_LOCKING_OK;
  if (const CK_RV result = module.call->C_Initialize(&args);
      result != CKR_OK && result != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return token_failed("C_Initialize", result);
  }
  module.initialized = true;
  const auto slot = module.find_slot(key_.token);
  if (!slot) return slot.error();
  if (const CK_RV result =
          module.call->C_OpenSession(*slot, CKF_SERIAL_SESSION, nullptr, nullptr, &module.session);
      result != CKR_OK) {
    return token_failed("C_OpenSession", result);
  }
  std::string pin = key_.pin;
  const CK_RV login = module.call->C_Login(module.session, CKU_USER, bytes_for_token(pin),
                                           static_cast<CK_ULONG>(pin.size()));
  std::ranges::fill(pin, '\0');
  if (concerns_pin(login)) {
    refused_ = misconfigured("token_pin", "The token refuses the PIN (" + hexadecimal(login) +
                                              "). It is not tried again before the next start.");
    return *refused_;
  }
  if (login != CKR_OK && login != CKR_USER_ALREADY_LOGGED_IN) return token_failed("C_Login", login);
  const auto private_key = module.find_key(CKO_PRIVATE_KEY, key_.key);
  if (!private_key) return private_key.error();
  const auto public_key = module.find_key(CKO_PUBLIC_KEY, key_.key);
  if (!public_key) return public_key.error();
  const auto bytes = module.read_public(*public_key);
  if (!bytes) return bytes.error();
  NoteVerifier verifier(name_, *bytes);
  if (verifier_ && !(*verifier_ == verifier))
    return misconfigured("token_key", "The token has come back with another key.");
  verifier_ = std::move(verifier);
  module.private_key = *private_key;
  return {};
}

void Token::disconnect() {
  Module& module = *module_;
  if (module.initialized) (void)module.call->C_Finalize(nullptr);
  module.initialized = false;
  module.session = CK_INVALID_HANDLE;
  module.private_key = CK_INVALID_HANDLE;
}

// A session that was open may be lost; one that was opened just now says how the token is.
core::Result<std::string> Token::sign(std::string_view text) {
  if (module_->private_key != CK_INVALID_HANDLE) {
    auto signature = try_sign(text);
    if (signature) return signature;
    disconnect();
  }
  auto connected = connect();
  auto signature = connected ? try_sign(text) : core::Result<std::string>(connected.error());
  if (!signature) disconnect();
  return signature;
}

core::Result<std::string> Token::try_sign(std::string_view text) {
  const Module& module = *module_;
  CK_MECHANISM mechanism{CKM_EDDSA, nullptr, 0};
  if (const CK_RV result = module.call->C_SignInit(module.session, &mechanism, module.private_key);
      result != CKR_OK) {
    return token_failed("C_SignInit", result);
  }
  std::string message(text);
  std::string signature(signature_bytes_of_token, '\0');
  auto bytes = static_cast<CK_ULONG>(signature.size());
  const CK_RV result = module.call->C_Sign(module.session, bytes_for_token(message),
                                           static_cast<CK_ULONG>(message.size()),
                                           bytes_for_token(signature), &bytes);
  if (result != CKR_OK) return token_failed("C_Sign", result);
  // What does not verify would be a head that nobody can trust.
  if (bytes == signature.size() && verifier_->verify(text, signature)) return signature;
  return core::gateway_error(
      core::ErrorKind::unavailable, "token_failed",
      "The token has given a signature that its public key does not verify.");
}

}  // namespace menshen::audit
