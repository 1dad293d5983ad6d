// TLS: good and bad handshakes, protected key files.
#include "api/http/tls.h"

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temp_folder.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace stardrop::api::http::test {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using ClientContext = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using ClientTls = std::unique_ptr<SSL, Free<SSL_free>>;

/// A folder with a self-signed certificate and its key; removed at the end.
class TlsFiles {
 public:
  TlsFiles() {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    write(options().certificate_file,
          [&](std::FILE* file) { PEM_write_X509(file, certificate.get()); });
    write(options().key_file, [&](std::FILE* file) {
      PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    ::chmod(options().key_file.c_str(), 0600);
  }

  TlsOptions options() const { return {folder_ / "cert.pem", folder_ / "key.pem"}; }

 private:
  template <class Write>
  static void write(const std::string& path, Write&& write_pem) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    write_pem(file);
    std::fclose(file);
  }

  TempFolder folder_;
};

/// A TLS client over a RawClient's socket, through memory.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port) : raw_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
  }
  SSL_CTX* context() { return context_.get(); }

  bool shake_hands() {
    tls_.reset(SSL_new(context_.get()));
    SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(tls_.get());
    return finish_handshake();
  }

  bool finish_handshake() {
    while (true) {
      const int outcome = SSL_do_handshake(tls_.get());
      flush();
      if (outcome == 1) return true;
      if (SSL_get_error(tls_.get(), outcome) != SSL_ERROR_WANT_READ || !fill()) return false;
    }
  }

  void send(std::string_view text) {
    SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()));
    flush();
  }

  std::string read_to_end() {
    std::string all;
    std::array<char, 4096> bytes;
    while (true) {
      const int count = SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (count > 0) {
        all.append(bytes.data(), static_cast<std::size_t>(count));
      } else if (SSL_get_error(tls_.get(), count) != SSL_ERROR_WANT_READ || !fill()) {
        return all;
      }
    }
  }

  bool closed_properly() const {
    return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  SSL* tls() { return tls_.get(); }
  void flush() {
    std::array<char, 4096> bytes;
    int count = 0;
    while ((count = BIO_read(SSL_get_wbio(tls_.get()), bytes.data(),
                             static_cast<int>(bytes.size()))) > 0) {
      raw_.send({bytes.data(), static_cast<std::size_t>(count)});
    }
  }
  bool fill() {
    const std::string bytes = raw_.read_bytes(1);
    return BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

 private:
  RawClient raw_;
  ClientContext context_;
  ClientTls tls_;
};

class Tls : public testing::Test {
 protected:
  TlsFiles files_;
  TestServer server_{[this](ServerOptions& options) {
    options.tls = files_.options();
    options.timeouts.tls_handshake_ms = 1000;
  }};
};

TEST_F(Tls, ServesRequests) {
  TlsClient client(server_.port());
  ASSERT_TRUE(client.shake_hands());
  EXPECT_EQ(SSL_version(client.tls()), TLS1_3_VERSION);
  client.send(
      "GET /bytes?100000 HTTP/1.1\r\nHost: a\r\n\r\nGET /bytes?3 HTTP/1.1\r\nHost: "
      "a\r\nConnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_GT(all.size(), 100'000u);
  EXPECT_TRUE(all.ends_with("\r\n\r\nbbb"));
  EXPECT_TRUE(client.closed_properly());
}

TEST_F(Tls, CarriesWebSockets) {
  TlsClient client(server_.port());
  ASSERT_TRUE(client.shake_hands());
  client.send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const auto channel = server_.handler().live().wait_open(1).front();
  server_.run_there([&] {
    channel->send(std::make_shared<const std::string>("over TLS"));
    channel->close(4000, "bye");
  });
  using namespace std::string_literals;
  client.send("\x88\x82\0\0\0\0\x03\xe8"s);
  EXPECT_NE(client.read_to_end().find("\x81\x08over TLS"), std::string::npos);
}

TEST_F(Tls, SpeaksTls12WithEphemeralKeysOnly) {
  TlsClient good(server_.port());
  SSL_CTX_set_max_proto_version(good.context(), TLS1_2_VERSION);
  EXPECT_TRUE(good.shake_hands());
  for (const char* ciphers :
       {"AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "NULL", "eNULL:aNULL"}) {
    TlsClient bad(server_.port());
    SSL_CTX_set_max_proto_version(bad.context(), TLS1_2_VERSION);
    if (SSL_CTX_set_cipher_list(bad.context(), ciphers) != 1)
      continue;  // not even the client has them
    EXPECT_FALSE(bad.shake_hands()) << ciphers;
  }
}

TEST_F(Tls, RefusesOlderVersions) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    TlsClient client(server_.port());
    SSL_CTX_set_min_proto_version(client.context(), version);
    SSL_CTX_set_max_proto_version(client.context(), version);
    EXPECT_FALSE(client.shake_hands());
  }
}

TEST_F(Tls, RefusesRenegotiation) {
  TlsClient client(server_.port());
  SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
  ASSERT_TRUE(client.shake_hands());
  ASSERT_EQ(SSL_renegotiate(client.tls()), 1);
  EXPECT_FALSE(client.finish_handshake());
}

TEST_F(Tls, ClosesOnPlainHttp) {
  RawClient client(server_.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_to_end().find("HTTP/1.1"), std::string::npos);
  EXPECT_EQ(server_.stats().tls_failures, 1u);
}

TEST(TlsDeadline, CutsAStalledHandshake) {
  const TlsFiles files;
  TestServer server([&](ServerOptions& options) {
    options.tls = files.options();
    options.timeouts.tls_handshake_ms = 30;
  });
  RawClient silent(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  RawClient half(server.port());
  half.send("\x16\x03\x01\x02");
  half.read_to_end();
  EXPECT_EQ(server.stats().tls_failures, 2u);
}

std::string fault(const TlsOptions& options) {
  const auto outcome = make_tls_context(options);
  const auto* reason = std::get_if<std::string>(&outcome);
  return reason != nullptr ? *reason : "";
}

TEST(TlsContext, RefusesAKeyThatOthersMayRead) {
  const TlsFiles files;
  EXPECT_EQ(fault(files.options()), "");
  for (const mode_t mode : {mode_t{0640}, mode_t{0604}, mode_t{0620}, mode_t{0660}, mode_t{0644}}) {
    ::chmod(files.options().key_file.c_str(), mode);
    EXPECT_NE(fault(files.options()).find("chmod 600"), std::string::npos);
  }
}

TEST(TlsContext, SaysWhichFileIsWrong) {
  const TlsFiles files;
  const TlsFiles others;
  TlsOptions options = files.options();
  options.key_file = "/nowhere/key.pem";
  EXPECT_NE(fault(options).find("/nowhere/key.pem"), std::string::npos);
  options.key_file = "/dev/null";
  EXPECT_NE(fault(options).find("regular"), std::string::npos);
  options = files.options();
  options.certificate_file = "/nowhere/cert.pem";
  EXPECT_NE(fault(options).find("/nowhere/cert.pem"), std::string::npos);
  options = files.options();
  options.key_file = others.options().key_file;
  EXPECT_NE(fault(options), "");
}

}  // namespace
}  // namespace stardrop::api::http::test
