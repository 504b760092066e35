// Object URLs, whose data stays in memory until they are revoked.

export interface ObjectUrls {
  make: (data: Blob) => string;
  revoke: () => void;
}

export function objectUrls(): ObjectUrls {
  const made = new Set<string>();
  return {
    make: (data) => {
      const url = URL.createObjectURL(data);
      made.add(url);
      return url;
    },
    revoke: () => {
      made.forEach((url) => URL.revokeObjectURL(url));
      made.clear();
    },
  };
}
