// OpenSSL with few key types, so that reading a peer's certificate is quick; library.c says how.
#ifndef TORII_CHANDSHAKELIBRARY_H
#define TORII_CHANDSHAKELIBRARY_H

#include <openssl/types.h>

/// A library context for handshakes, which lives as long as the process. To be called once.
///
/// NULL, which to OpenSSL is its own context, where that is set up for other providers than the default one, or where
/// this cannot be made.
OSSL_LIB_CTX *torii_new_handshake_library(void);

#endif
