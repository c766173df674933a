// For each certificate that it reads, OpenSSL 3.0 looks for somebody to decode the key in it: it builds a chain out of all 75
// decoders and 18 key types of its default provider, which takes longer than the handshake's elliptic curves do. There is no
// setting for that, but a library context may have other providers (OSSL_PROVIDER_add_builtin(3)). So this one has the
// default provider's algorithms, without those decoders and key types that no handshake has a use for.
//
// All work is the default provider's own, in its own context; only what is found differs.
#include "CHandshakeLibrary.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <string.h>

// Those that a certificate may have, and that of the key exchange.
static const char *const KEY_TYPES[] = {"EC", "RSA", "RSA-PSS", "ED25519", "ED448", "X25519"};
// What turns DER into the key types' own.
static const char ANY_DER[] = "DER";
// What a certificate holds (RFC 5280 §4.1).
static const char CERTIFICATES_KEY[] = "input=der,structure=SubjectPublicKeyInfo";

enum { MOST_ALGORITHMS = 32 };

static OSSL_PROVIDER *whole;
static OSSL_ALGORITHM decoders[MOST_ALGORITHMS + 1], key_types[MOST_ALGORITHMS + 1];

// The first of an algorithm's names, which stand with colons between them, is the usual one.
static bool is_named(const OSSL_ALGORITHM *algorithm, const char *name) {
    size_t length = strlen(name);
    const char *names = algorithm->algorithm_names;
    return strncmp(names, name, length) == 0 && (names[length] == '\0' || names[length] == ':');
}

static bool is_key_type(const OSSL_ALGORITHM *algorithm) {
    for (size_t index = 0; index < sizeof KEY_TYPES / sizeof *KEY_TYPES; index++) {
        if (is_named(algorithm, KEY_TYPES[index])) return true;
    }
    return false;
}

static bool reads_certificates(const OSSL_ALGORITHM *algorithm) {
    return strstr(algorithm->property_definition, CERTIFICATES_KEY) != NULL &&
           (is_key_type(algorithm) || is_named(algorithm, ANY_DER));
}

static void choose(int operation, bool (*is_chosen)(const OSSL_ALGORITHM *), OSSL_ALGORITHM *chosen) {
    int is_uncached = 0;
    size_t count = 0;
    const OSSL_ALGORITHM *algorithm = OSSL_PROVIDER_query_operation(whole, operation, &is_uncached);
    for (; algorithm != NULL && algorithm->algorithm_names != NULL && count < MOST_ALGORITHMS; algorithm++) {
        if (is_chosen(algorithm)) chosen[count++] = *algorithm;
    }
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *is_uncached) {
    (void)context;
    *is_uncached = 0;
    switch (operation) {
    case OSSL_OP_DECODER: return decoders;
    case OSSL_OP_KEYMGMT: return key_types;
    default: return OSSL_PROVIDER_query_operation(whole, operation, is_uncached);
    }
}

static const OSSL_PARAM *gettable_parameters(void *context) {
    (void)context;
    return OSSL_PROVIDER_gettable_params(whole);
}

static int parameters(void *context, OSSL_PARAM params[]) {
    (void)context;
    return OSSL_PROVIDER_get_params(whole, params);
}

static int capabilities(void *context, const char *capability, OSSL_CALLBACK *callback, void *argument) {
    (void)context;
    return OSSL_PROVIDER_get_capabilities(whole, capability, callback, argument);
}

static int begin(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *from_core, const OSSL_DISPATCH **to_core,
                 void **context) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_parameters},
        {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))parameters},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities},
        {0, NULL},
    };
    (void)handle;
    (void)from_core;
    *to_core = functions;
    // What the algorithms are given when they are used.
    *context = OSSL_PROVIDER_get0_provider_ctx(whole);
    return 1;
}

static int count_others(OSSL_PROVIDER *provider, void *count) {
    if (strcmp(OSSL_PROVIDER_get0_name(provider), "default") != 0) ++*(int *)count;
    return 1;
}

OSSL_LIB_CTX *torii_new_handshake_library(void) {
    // Whoever has set OpenSSL up for another provider, such as FIPS's, is to get it.
    int others = 0;
    if (OSSL_PROVIDER_do_all(NULL, count_others, &others) != 1 || others > 0) return NULL;
    if (EVP_default_properties_is_fips_enabled(NULL)) return NULL;
    whole = OSSL_PROVIDER_try_load(NULL, "default", 1);
    if (whole == NULL) return NULL;
    choose(OSSL_OP_DECODER, reads_certificates, decoders);
    choose(OSSL_OP_KEYMGMT, is_key_type, key_types);
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    if (library != NULL && OSSL_PROVIDER_add_builtin(library, "torii", begin) == 1 &&
        OSSL_PROVIDER_load(library, "torii") != NULL) {
        return library;
    }
    OSSL_LIB_CTX_free(library);
    return NULL;
}
