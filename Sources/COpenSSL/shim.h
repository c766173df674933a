// OpenSSL as Debian ships it. No logic: its function-like macros as inline functions,
// because Swift imports neither those nor the SSL_OP_* bits.
#ifndef TORII_COPENSSL_SHIM_H
#define TORII_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline uint64_t torii_SSL_OP_NO_QUERY_MTU(void) { return SSL_OP_NO_QUERY_MTU; }
static inline uint64_t torii_SSL_OP_NO_TICKET(void) { return SSL_OP_NO_TICKET; }
static inline uint64_t torii_SSL_OP_NO_RENEGOTIATION(void) { return SSL_OP_NO_RENEGOTIATION; }
static inline uint64_t torii_SSL_OP_CIPHER_SERVER_PREFERENCE(void) { return SSL_OP_CIPHER_SERVER_PREFERENCE; }
static inline uint64_t torii_SSL_OP_NO_COMPRESSION(void) { return SSL_OP_NO_COMPRESSION; }
static inline uint64_t torii_SSL_OP_COOKIE_EXCHANGE(void) { return SSL_OP_COOKIE_EXCHANGE; }

static inline int torii_SSL_CTX_set_min_proto_version(SSL_CTX *ctx, int version) {
    return (int)SSL_CTX_set_min_proto_version(ctx, version);
}
static inline int torii_SSL_CTX_set_max_proto_version(SSL_CTX *ctx, int version) {
    return (int)SSL_CTX_set_max_proto_version(ctx, version);
}
static inline long torii_SSL_CTX_set_mode(SSL_CTX *ctx, long mode) { return SSL_CTX_set_mode(ctx, mode); }
static inline long torii_SSL_CTX_set_session_cache_off(SSL_CTX *ctx) {
    return SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}
static inline long torii_SSL_CTX_set_max_send_fragment(SSL_CTX *ctx, long size) {
    return SSL_CTX_set_max_send_fragment(ctx, size);
}
static inline int torii_SSL_CTX_set1_groups_list(SSL_CTX *ctx, const char *list) {
    return (int)SSL_CTX_set1_groups_list(ctx, list);
}
static inline long torii_SSL_set_link_mtu(SSL *ssl, long mtu) { return DTLS_set_link_mtu(ssl, mtu); }
static inline long torii_SSL_set_max_send_fragment(SSL *ssl, long size) {
    return SSL_set_max_send_fragment(ssl, size);
}
static inline int torii_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}
static inline int torii_DTLSv1_get_timeout(SSL *ssl, struct timeval *left) {
    return (int)DTLSv1_get_timeout(ssl, left);
}
static inline int torii_DTLSv1_handle_timeout(SSL *ssl) { return (int)DTLSv1_handle_timeout(ssl); }
static inline int torii_ERR_GET_LIB(unsigned long code) { return ERR_GET_LIB(code); }
static inline int torii_ERR_GET_REASON(unsigned long code) { return ERR_GET_REASON(code); }
static inline unsigned long torii_X509_V_FLAG_PARTIAL_CHAIN(void) { return X509_V_FLAG_PARTIAL_CHAIN; }
static inline EVP_PKEY *torii_EC_P256_keygen(OSSL_LIB_CTX *library) {
    return EVP_PKEY_Q_keygen(library, NULL, "EC", "P-256");
}
static inline EVP_PKEY *torii_EC_keygen(const char *curve) { return EVP_EC_gen(curve); }
static inline EVP_PKEY *torii_RSA_keygen(unsigned int bits) { return EVP_RSA_gen(bits); }
static inline int torii_SSL_CTX_add1_chain_cert(SSL_CTX *ctx, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(ctx, certificate);
}
static inline void torii_BIO_clear_retry_flags(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void torii_BIO_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

// Arrays of parameters, which live no longer than the call.
static inline int torii_EVP_CIPHER_CTX_set_tls_aad(EVP_CIPHER_CTX *ctx, void *aad, size_t count) {
    OSSL_PARAM params[] = {OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, aad, count), OSSL_PARAM_END};
    return EVP_CIPHER_CTX_set_params(ctx, params);
}
static inline int torii_EVP_KDF_derive_tls1_prf(EVP_KDF_CTX *ctx, const char *digest, void *secret, size_t secret_count,
                                                void *seed, size_t seed_count, unsigned char *key, size_t count) {
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
                           OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SECRET, secret, secret_count),
                           OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SEED, seed, seed_count), OSSL_PARAM_END};
    params[0].data_size = OPENSSL_strnlen(digest, 64);
    return EVP_KDF_derive(ctx, key, count, params);
}

#endif
