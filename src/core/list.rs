//! Short lists: what the standard library does with them for lists of any length, and with panics.

use alloc::vec::Vec;
use core::mem::swap;

/// Takes the first out; the others move up. (A ring buffer would be a kilobyte of code.)
pub(crate) fn pop_first<T>(list: &mut Vec<T>) -> Option<T> {
    pop(list, |_, _| false)
}

/// Takes out the first before which no other comes; of the others those move up that it has passed.
pub(crate) fn pop<T>(list: &mut Vec<T>, comes_before: impl Fn(&T, &T) -> bool) -> Option<T> {
    let mut items = list.iter_mut();
    let mut place = items.next()?;
    for item in items {
        if !comes_before(item, place) {
            swap(place, item);
        }
        place = item;
    }
    list.pop()
}

/// Puts an item before the others.
pub(crate) fn push_first<T>(list: &mut Vec<T>, item: T) {
    list.push(item);
    let mut items = list.iter_mut().rev();
    let Some(mut place) = items.next() else { return };
    for item in items {
        swap(place, item);
        place = item;
    }
}

/// Turns the order round.
pub(crate) fn reverse<T>(list: &mut [T]) {
    let mut items = list.iter_mut();
    while let (Some(first), Some(last)) = (items.next(), items.next_back()) {
        swap(first, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn the_first_comes_out_and_the_others_keep_their_order() {
        let mut list = vec![1, 2, 3];
        assert_eq!(pop_first(&mut list), Some(1));
        assert_eq!(list, [2, 3]);
        assert_eq!((pop_first(&mut list), pop_first(&mut list), pop_first(&mut list)), (Some(2), Some(3), None));
    }

    #[test]
    fn what_is_put_first_comes_before_the_others_in_their_order() {
        let mut list = vec![];
        for item in [3, 2, 1] {
            push_first(&mut list, item);
        }
        assert_eq!(list, [1, 2, 3]);
    }

    #[test]
    fn of_those_before_which_no_other_comes_the_first_comes_out() {
        let mut list = vec![3, 1, 2, 1];
        let smallest = |list: &mut Vec<i32>| pop(list, |a, b| a < b);
        assert_eq!((smallest(&mut list), smallest(&mut list), smallest(&mut list)), (Some(1), Some(1), Some(2)));
        assert_eq!((smallest(&mut list), smallest(&mut list)), (Some(3), None));
    }

    #[test]
    fn lists_of_even_and_odd_length_are_turned_round() {
        for (mut list, reversed) in [(vec![], vec![]), (vec![1, 2], vec![2, 1]), (vec![1, 2, 3], vec![3, 2, 1])] {
            reverse(&mut list);
            assert_eq!(list, reversed);
        }
    }
}
