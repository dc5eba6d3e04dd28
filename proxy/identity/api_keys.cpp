#include "proxy/identity/api_keys.h"

#include "proxy/identity/key_format.h"

#include <string>
#include <utility>

namespace menshen::identity {
namespace {

namespace asio = boost::asio;

class ApiKeys final : public Authenticator {
 public:
  explicit ApiKeys(std::unique_ptr<KeyCache> cache) : cache_(std::move(cache)) {}

  asio::awaitable<Answer> authenticate(const Presented& presented) override {
    if (!presented.credential.starts_with(key_prefix)) co_return std::nullopt;
    auto subject = cache_->identify(presented.credential);
    if (!subject) co_return subject.error();
    co_return std::move(*subject);
  }
  std::string problem() const override { return cache_->problem(); }

 private:
  std::unique_ptr<KeyCache> cache_;
};

}  // namespace

std::unique_ptr<Authenticator> api_keys(std::unique_ptr<KeyCache> cache) {
  return std::make_unique<ApiKeys>(std::move(cache));
}

}  // namespace menshen::identity
