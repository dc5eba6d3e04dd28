// Heads of a journal on their way to witnesses that run here.
#include "proxy/gateway/head_sender.h"

#include "audit/head_file.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/test_support.h"
#include "proxy/gateway/head_receivers.h"
#include "proxy/gateway/witness_server.h"
#include "proxy/net/testing.h"

#include <condition_variable>
#include <future>
#include <mutex>

namespace menshen::gateway {
namespace {

namespace fs = std::filesystem;
using audit::TemporaryDirectory;

class HeadSenderTest : public ::testing::Test {
 protected:
  HeadSenderTest() {
    { const auto journal = audit::open_journal(var()); }  // makes the log's key
    for (const char* name : {"w1", "w2"}) {
      const auto key = audit::make_witness_key(dir_.path() / name, name).value();
      keys_.push_back(key.key().vkey());
      serve(name, 0);
      ports_.push_back(servers_.back()->port());
    }
  }
  ~HeadSenderTest() override { stop(); }

  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  void serve(const std::string& name, std::uint16_t port) {
    WitnessServer::Options options{.listen = {.address = {"127.0.0.1", port}, .tls = std::nullopt},
                                   .store = {dir_.path() / name, {}}};
    options.store.logs.push_back(audit::load_verifier(var() / audit::layout::verifier_key).value());
    servers_.push_back(WitnessServer::start(std::move(options), log_).value());
  }
  [[nodiscard]] config::Audit settings() const {
    config::Audit out;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      const std::string name = keys_[i].substr(0, 2);
      out.witnesses.push_back(
          {keys_[i], name, name, {.url = {false, "127.0.0.1", ports_[i], ""}, .ca = {}}});
    }
    out.quorum = 2;
    if (url_port_ != 0) {
      out.publish_url.emplace().method = "PUT";
      out.publish_url->to.url = {false, "127.0.0.1", url_port_, "/heads"};
    }
    return out;
  }

  // A gateway's part of it: the journal, and who is shown its heads.
  core::Result<void> start() {
    sender_ = HeadSender::make(settings(), var()).value();
    audit::JournalOptions options;
    options.checkpoint_interval_ms = 0;  // a head with each commit
    options.on_head = [this](const std::string& note) { sender_->offer(note); };
    journal_ = audit::open_journal(var(), options);
    sender_->start(
        {.records = [this] { return journal_->stats().records; },
         .cosigned =
             [this](std::string note) {
               tell([&] { cosigned_ = note; });
               journal_->publish_cosigned(std::move(note));
             },
         .contradicted =
             [this](const core::Error& error) {
               tell([&] { contradicted_.push_back(error.code); });
               journal_->refuse(error);
             },
         .changed =
             [this](std::string_view witness, const core::Result<void>& how) {
               tell([&] { changes_.push_back(std::string(witness) + (how ? "+" : "-")); });
             }});
    return sender_->first_round();
  }
  void stop() {
    if (sender_) sender_->stop();
    journal_.reset();
    sender_.reset();
  }

  template <class Change>
  void tell(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    told_.notify_all();
  }
  template <class Condition>
  void wait(Condition condition) {
    std::unique_lock lock(mutex_);
    told_.wait(lock, condition);
  }
  void wait_for_size(std::uint64_t size) {
    wait([&] { return audit::claimed_size(cosigned_, 0) >= size; });
  }

  // The store is one of fewer records than the witnesses have seen.
  void put_back_an_older_copy() {
    ASSERT_TRUE(start());
    audit::fill(*journal_, 3);
    stop();
    const fs::path copy = var().parent_path() / "copy";
    fs::copy(var(), copy, fs::copy_options::recursive);
    ASSERT_TRUE(start());
    audit::fill(*journal_, 1, 10);
    wait_for_size(8);
    stop();
    fs::remove_all(var());
    fs::rename(copy, var());
  }

  std::vector<std::string> keys_;
  std::vector<std::uint16_t> ports_;  // where the witnesses are asked
  std::uint16_t url_port_ = 0;        // 0: heads are published nowhere
  Log log_{config::Log{config::LogLevel::error, config::LogFormat::json, {}}};
  std::vector<std::unique_ptr<WitnessServer>> servers_;
  std::unique_ptr<HeadSender> sender_;
  std::unique_ptr<audit::Journal> journal_;

  std::mutex mutex_;
  std::condition_variable told_;
  std::string cosigned_;
  std::vector<std::string> contradicted_;
  std::vector<std::string> changes_;

 private:
  TemporaryDirectory dir_;
};

std::string answer_of(std::string_view status, std::string_view type, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\ncontent-type: " + std::string(type) +
         "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// Stands before a witness, and answers in its place with one answer
// after the other.
class Front {
 public:
  explicit Front(std::uint16_t witness) : witness_(witness) {}
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  void answer(std::vector<std::string> answers) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }
  [[nodiscard]] bool has_answered() const {
    const std::lock_guard lock(mutex_);
    return answers_.empty();
  }

 private:
  [[nodiscard]] std::string take() {
    const std::lock_guard lock(mutex_);
    if (answers_.empty()) return {};
    std::string out = std::move(answers_.front());
    answers_.erase(answers_.begin());
    return out;
  }
  void serve(net::testing::RawSocket& client) {
    const std::string request = client.read_message();
    std::string reply = take();
    if (reply.empty()) {
      net::testing::RawSocket behind(witness_);
      behind.write(request);
      reply = behind.read_message();
    }
    client.write(reply);
    client.close();
  }

  const std::uint16_t witness_;
  mutable std::mutex mutex_;
  std::vector<std::string> answers_;
  net::testing::ScriptedUpstream server_{
      [this](net::testing::RawSocket& client) { serve(client); }};
};

TEST_F(HeadSenderTest, NobodyIsNamed) { EXPECT_EQ(HeadSender::make({}, var()).value(), nullptr); }

TEST_F(HeadSenderTest, EveryHeadIsCosignedInTheEnd) {
  ASSERT_TRUE(start());
  for (int i = 0; i < 5; ++i) audit::fill(*journal_, 100, 100 * i);
  wait_for_size(1'000);
  sender_->finish(1'000);
  const auto known = witnesses_of(settings()).value();
  EXPECT_EQ(audit::cosignatures_of(cosigned_, known)->size(), 2U);
  const admin::HeadsState state = sender_->state();
  EXPECT_EQ(state.witnessed_records, 1'000U);
  for (const admin::WitnessState& witness : state.witnesses) {
    EXPECT_EQ(witness.records, 1'000U);
    EXPECT_GE(witness.cosignatures, 2U);
    EXPECT_EQ(witness.failures, 0U) << witness.problem;
  }
  EXPECT_TRUE(changes_.empty());
  stop();
  EXPECT_EQ(audit::read_text(var() / audit::layout::checkpoint), cosigned_);
}

TEST_F(HeadSenderTest, WithoutAQuorumNothingIsCosignedAndWhoFailsIsAskedAgain) {
  const std::uint16_t port = servers_[1]->port();
  servers_[1]->stop();
  ASSERT_TRUE(start());
  audit::fill(*journal_, 1);
  wait([&] { return !changes_.empty(); });
  EXPECT_EQ(changes_, std::vector<std::string>{"w2-"});
  EXPECT_EQ(sender_->state().witnessed_records, std::nullopt);
  EXPECT_EQ(cosigned_, "");
  servers_.pop_back();
  serve("w2", port);
  wait_for_size(2);
  wait([&] { return changes_.size() == 2; });
  EXPECT_EQ(changes_[1], "w2+");
}

TEST_F(HeadSenderTest, AnOlderCopyIsFoundAtTheStart) {
  ASSERT_NO_FATAL_FAILURE(put_back_an_older_copy());
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "evidence_tampered");
  EXPECT_EQ(contradicted_.size(), 1U);
  EXPECT_TRUE(sender_->state().contradicted);
  EXPECT_FALSE(audit::append_all(*journal_, {audit::intent("e")})[0]);
}

TEST_F(HeadSenderTest, AnAnswerThatIsNotTheWitnessesStopsNothing) {
  Front front(ports_[1]);
  ports_[1] = front.port();
  ASSERT_TRUE(start());
  audit::fill(*journal_, 1);
  std::uint64_t size = 2;
  wait_for_size(size);
  for (const char* status : {"409 Conflict", "422 Unprocessable Content"}) {
    for (const char* type : {"text/html", "text/plain"}) {
      front.answer({answer_of(status, type, std::to_string(size) + "\n")});
      audit::fill(*journal_, 1, static_cast<int>(size));
      size += 2;
      wait([&] { return !contradicted_.empty() || audit::claimed_size(cosigned_, 0) >= size; });
      ASSERT_TRUE(contradicted_.empty()) << status << type;
      EXPECT_TRUE(front.has_answered());
    }
  }
  EXPECT_TRUE(changes_.empty());
  EXPECT_FALSE(sender_->state().contradicted);
}

TEST_F(HeadSenderTest, WhatWasCosignedBeforeTheStartIsKnown) {
  ASSERT_TRUE(start());
  audit::fill(*journal_, 3);
  wait_for_size(6);
  stop();
  for (const auto& server : servers_) server->stop();
  const auto records = [&] {
    EXPECT_TRUE(start());
    const admin::HeadsState state = sender_->state();
    stop();
    return std::vector{state.witnessed_records.value_or(0), state.witnesses.at(0).records,
                       state.witnesses.at(1).records};
  };
  EXPECT_EQ(records(), (std::vector<std::uint64_t>{6, 6, 6}));
  // Without the second witness's line there is no quorum.
  const fs::path file = var() / audit::layout::witnessed;
  const std::string whole = audit::read_text(file);
  audit::write_text(file, whole.substr(0, whole.find("\u2014 w2 ")));
  EXPECT_EQ(records(), (std::vector<std::uint64_t>{0, 6, 0}));
}

TEST_F(HeadSenderTest, WhatTheUrlRefusedIsSentAgain) {
  std::vector<std::string> sent;
  bool refuses = false;
  const net::testing::ScriptedUpstream url([&](net::testing::RawSocket& client) {
    const std::string request = client.read_message();
    bool refused = false;
    tell([&] {
      sent.push_back(request.substr(request.find("\r\n\r\n") + 4));
      refused = std::exchange(refuses, false);
    });
    client.write(answer_of(refused ? "500 Oh" : "200 OK", "text/plain", ""));
    client.close();
  });
  url_port_ = url.port();
  const std::uint16_t port = servers_[1]->port();
  servers_[1]->stop();
  ASSERT_TRUE(start());
  const auto known = witnesses_of(settings()).value();
  const auto count = [&](std::size_t cosignatures) {
    const std::lock_guard lock(mutex_);
    return std::ranges::count_if(sent, [&](const std::string& note) {
      return audit::cosignatures_of(note, known)->size() == cosignatures;
    });
  };
  ASSERT_TRUE(net::testing::eventually([&] { return count(1) > 0; }));
  tell([&] { refuses = true; });
  servers_.pop_back();
  serve("w2", port);
  // The head is the same, and there will be no other.
  ASSERT_TRUE(net::testing::eventually([&] { return count(2) > 1; }));
  EXPECT_TRUE(net::testing::eventually([&] { return sender_->state().url->problem.empty(); }));
  EXPECT_EQ(sender_->state().url->failures, 1U);
  stop();
  EXPECT_EQ(sent[sent.size() - 1], sent[sent.size() - 2]);
}

TEST_F(HeadSenderTest, AStartDoesNotWaitForTheUrl) {
  net::testing::Signal started;
  const net::testing::ScriptedUpstream url([&](net::testing::RawSocket& client) {
    client.read_message();
    EXPECT_TRUE(started.wait());
    client.write(answer_of("200 OK", "text/plain", ""));
    client.close();
  });
  url_port_ = url.port();
  EXPECT_TRUE(start());
  EXPECT_EQ(sender_->state().url->failures, 0U);  // it is being asked, or will be
  started.set();
  stop();
}

TEST_F(HeadSenderTest, AnOtherHistoryIsFoundAtTheStart) {
  ASSERT_NO_FATAL_FAILURE(put_back_an_older_copy());
  audit::fill(*audit::open_journal(var()), 5, 20);  // past what they have seen
  const auto started = start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "evidence_tampered");
  EXPECT_NE(started.error().message.find("other records than the first 8 of this log"),
            std::string::npos);
}

TEST_F(HeadSenderTest, WhatIsUnderWayEndsWithIt) {
  ASSERT_TRUE(start());
  std::thread writer([this] {
    for (int i = 0; i < 50; ++i) audit::fill(*journal_, 4, 4 * i);
  });
  writer.join();
  stop();                         // in the midst of a round
  EXPECT_TRUE(changes_.empty());  // nobody has failed
}

}  // namespace
}  // namespace menshen::gateway
