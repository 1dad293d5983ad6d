// The TLS settings of the server.
#include "api/http/tls.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/ssl.h>
#include <sys/stat.h>

namespace stardrop::api::http {
namespace {

constexpr const char* kCiphersTls12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// Nothing if the file may hold a private key, else the reason.
std::string key_file_fault(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return "the key file " + path + " cannot be read: " + std::strerror(errno);
  }
  if (!S_ISREG(status.st_mode)) return "the key file " + path + " is not a regular file";
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return "the key file " + path + " is open to group or others; chmod 600 it";
  }
  return {};
}

}  // namespace

TlsContextOrReason make_tls_context(const TlsOptions& options) {
  std::string fault = key_file_fault(options.key_file);
  if (!fault.empty()) return fault;

  boost::system::error_code error;
  auto context = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_SINGLE_ECDH_USE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections keep no record buffers
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(native, kCiphersTls12) != 1) {
    return std::string("this OpenSSL does not offer the TLS versions and ciphers needed");
  }
  context->use_certificate_chain_file(options.certificate_file, error);
  if (error) return "the certificate file " + options.certificate_file + ": " + error.message();
  context->use_private_key_file(options.key_file, boost::asio::ssl::context::pem, error);
  if (error) return "the key file " + options.key_file + ": " + error.message();
  if (SSL_CTX_check_private_key(native) != 1) {
    return std::string("the certificate does not belong to the key");
  }
  return context;
}

}  // namespace stardrop::api::http
