#include "udplab_linux.h"
int udplab_placeholder(void) { return 0; }
